import { readFileSync } from 'node:fs';
import { expect } from '@jest/globals';
import { type Backend, type Expr, emitOnnx, evaluate, gradients, ops } from '@polymodal/autograd';
import type { TensorLike } from '@polymodal/modality-registry';
import { type Module, namedParameters, parseSafetensors } from '../src/index.js';
import { expectClose } from './goldens.js';

/** A model with random weights, its inputs, outputs and gradients, as the original wrote them to src/goldens. */
export interface ModelGolden {
  readonly weights: Map<string, TensorLike<'float32'>>;
  readonly gradients: Map<string, TensorLike<'float32'>>;
  /** All tensors whose names begin so, without that beginning. */
  under(prefix: string): Map<string, TensorLike<'float32'>>;
  /** int32 becomes int64. */
  tensor(name: string): TensorLike;
  ids(name: string): number[];
}

/** `scope` chooses among the models of one file: the beginning of their names. */
export function modelGolden(file: string, scope = ''): ModelGolden {
  const { tensors: all } = parseSafetensors(readFileSync(new URL(`../src/goldens/${file}.safetensors`, import.meta.url)));
  const tensors = new Map([...all].filter(([name]) => name.startsWith(scope)).map(([name, tensor]) => [name.slice(scope.length), tensor]));
  const under = (prefix: string) =>
    new Map([...tensors].filter(([name]) => name.startsWith(prefix)).map(([name, tensor]) => [name.slice(prefix.length), tensor])) as Map<
      string,
      TensorLike<'float32'>
    >;
  const tensor = (name: string): TensorLike => {
    const found = tensors.get(name);
    if (found === undefined) throw new Error(`no golden '${name}' in ${file}`);
    if (found.type !== 'int32') return found;
    return { type: 'int64', dims: found.dims, data: BigInt64Array.from(found.data as Int32Array, BigInt) };
  };
  return {
    weights: under('weights.'),
    gradients: under('gradients.'),
    under,
    tensor,
    ids: (name) => Array.from(tensor(name).data as BigInt64Array, Number),
  };
}

/** The outputs in float64 and on ONNX Runtime. */
export async function runBoth(
  backend: Backend,
  model: Module,
  outputs: Readonly<Record<string, Expr>>,
  weights: ReadonlyMap<string, TensorLike>,
  inputs: Readonly<Record<string, TensorLike>> = {},
): Promise<{ readonly float64: Record<string, Float64Array>; readonly onnx: Record<string, Float32Array> }> {
  const named = [...namedParameters(model)];
  const values = evaluate(Object.values(outputs), { inputs, parameters: new Map(named.map(([name, node]) => [node, weights.get(name)!])) });
  const program = await backend.compile(emitOnnx({ outputs, parameters: new Map(named.map(([name, node]) => [node, name])), weights }));
  const onnx: Record<string, Float32Array> = {};
  for (const [name, tensor] of Object.entries(await program.run(inputs))) {
    onnx[name] = (await tensor.read()) as Float32Array;
    tensor.dispose();
  }
  await program.release();
  return { float64: Object.fromEntries(Object.keys(outputs).map((name, i) => [name, values[i]!.data])), onnx };
}

/**
 * That a block's output `y`, and the gradients of its sum weighted by `factor`, of parameters and of the `inputs` named, are the recorded ones,
 * in float64 and on ONNX Runtime.
 */
export async function expectBlock(
  backend: Backend,
  block: Module,
  y: Expr,
  golden: ModelGolden,
  gradientTolerance: number,
  inputs: Readonly<Record<string, Expr>> = {},
): Promise<void> {
  const parameters = namedParameters(block);
  expect([...parameters.keys()].sort()).toEqual([...golden.weights.keys()].sort());
  const names = [...golden.gradients.keys()];
  expect(names.length).toBeGreaterThan(0);
  const weighted = ops.sum(ops.mul(y, ops.constant(golden.tensor('factor'))));
  const slopes = gradients(
    weighted,
    names.map((name) => inputs[name] ?? parameters.get(name)!),
  );
  const outputs = { y, ...Object.fromEntries(names.map((name, i) => [`gradient of ${name}`, slopes[i]!])) };
  const { float64, onnx } = await runBoth(backend, block, outputs, golden.weights);
  for (const results of [float64, onnx]) {
    expectClose(results.y!, golden.tensor('y').data as Float32Array, 1e-5);
    for (const name of names) expectClose(results[`gradient of ${name}`]!, golden.gradients.get(name)!.data, gradientTolerance);
  }
}
