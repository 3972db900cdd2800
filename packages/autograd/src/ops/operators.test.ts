import { afterAll, describe, expect, test } from '@jest/globals';
import type { TensorLike } from '@polymodal/modality-registry';
import * as ort from 'onnxruntime-node';
import { oldRuntime } from '../../test/old-runtime.js';
import { asFloat32, buildCase, largestDifference, named, probe } from '../../test/operator-case.js';
import { operatorCases } from '../../test/operator-cases.js';
import { evaluate } from '../evaluate.js';
import type { Reference } from '../expr.js';
import { gradients } from '../gradients.js';
import { emitOnnx } from '../onnx/emit.js';
import { onnxBackend } from '../onnx/onnx-backend.js';
import type { OrtModule } from '../onnx/runtime.js';

const backend = onnxBackend(ort as unknown as OrtModule, { threads: 1 });
afterAll(() => backend.dispose());

describe.each(operatorCases)('$name', (row) => {
  const { leaves, values, y, outputs } = buildCase(row);
  const used = (feeds: Record<string, TensorLike>, names: readonly string[]) =>
    Object.fromEntries(names.map((name) => [name, feeds[name]!]));

  test('ONNX Runtime agrees with the float64 reference', async () => {
    const [expected] = evaluate([y], { inputs: named(values) });
    const program = await backend.compile(emitOnnx({ outputs: { y } }));
    const { y: result } = await program.run(used(asFloat32(values), program.inputNames));
    expect(result!.type).toBe(y.type);
    expect(result!.dims).toEqual(expected!.dims);
    expect(expected!.dims).toEqual(y.dims);
    expect(largestDifference(Float64Array.from((await result!.read()) as ArrayLike<number>, Number), expected!.data)).toBeLessThan(2e-6);
    await program.release();
  });

  // Where it is missing, the runner counts these as skipped.
  (oldRuntime === undefined ? test.skip : test)('ONNX Runtime 1.14 computes the same, and the same gradient', async () => {
    const expected = evaluate(Object.values(outputs), { inputs: named(values) });
    const session = await oldRuntime!.InferenceSession.create(emitOnnx({ outputs }), { intraOpNumThreads: 1, logSeverityLevel: 3 });
    const feeds = Object.entries(used(asFloat32(values), session.inputNames));
    const results = await session.run(
      Object.fromEntries(feeds.map(([name, { type, data, dims }]) => [name, new oldRuntime!.Tensor(type as never, data as never, dims)])),
    );
    for (const [i, { data }] of expected.entries())
      expect(largestDifference(Float64Array.from(results[`y${i}`]!.data as ArrayLike<number>, Number), data)).toBeLessThan(1e-5);
  });

  if (row.differentiable ?? true) {
    const loss = probe(y);
    const wanted = gradients(loss, leaves);

    test('its gradient agrees with finite differences of the reference', () => {
      const results = evaluate(wanted, { inputs: named(values) });
      const at = (points: readonly Reference[]) => evaluate([loss], { inputs: named(points) })[0]!.data[0]!;
      values.forEach((value, k) => {
        const numeric = value.data.map((centre, i) => {
          const h = 1e-5;
          const moved = (to: number) => values.map((other, j) => (j === k ? { ...other, data: other.data.with(i, to) } : other));
          return (at(moved(centre + h)) - at(moved(centre - h))) / (2 * h);
        });
        expect(largestDifference(results[k]!.data, numeric)).toBeLessThan(1e-7);
      });
    });

    test('ONNX Runtime computes the same gradient', async () => {
      const expected = evaluate(wanted, { inputs: named(values) });
      const program = await backend.compile(emitOnnx({ outputs: Object.fromEntries(wanted.map((g, i) => [`g${i}`, g])) }));
      const results = await program.run(used(asFloat32(values), program.inputNames));
      for (const [i, { data }] of expected.entries())
        expect(largestDifference((await results[`g${i}`]!.read()) as Float32Array, data)).toBeLessThan(1e-5);
      await program.release();
    });
  }
});
