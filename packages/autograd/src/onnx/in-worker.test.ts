import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, describe, expect, test } from '@jest/globals';
import { float32, twoOutputs } from '../../test/two-outputs.js';
import * as ops from '../ops/index.js';
import { emitOnnx } from './emit.js';
import { onnxBackend } from './onnx-backend.js';

/** A few hundred milliseconds of work. */
function longGraph(): Uint8Array {
  const x = ops.input('x', 'float32', [512, 512]);
  let y = x;
  for (let i = 0; i < 60; i++) y = ops.mul(ops.matmul(y, x), 1 / 512);
  return emitOnnx({ outputs: { y: ops.mean(y) } });
}

const apart = onnxBackend({ worker: 'onnxruntime-node' }, { threads: 1 });
afterAll(() => apart.dispose());

describe('a worker', () => {
  test('leaves the event loop free while a graph runs', async () => {
    const program = await apart.compile(longGraph());
    const x = float32(new Array(512 * 512).fill(1), [512, 512]);
    let ticks = 0;
    const timer = setInterval(() => ticks++, 2);
    const start = performance.now();
    const { y } = await program.run({ x });
    const took = performance.now() - start;
    clearInterval(timer);
    expect(took).toBeGreaterThan(50);
    // A loop that is blocked by the run ticks not once; a free one on a busy machine skips ticks, but never nearly all.
    expect(ticks).toBeGreaterThanOrEqual(5);
    expect([...((await y!.read()) as Float32Array)]).toEqual([1]);
    await program.release();
  });

  test('serves runs in the order in which they were asked for', async () => {
    const program = await apart.compile(twoOutputs());
    const state = apart.tensor(float32([1]));
    const other = apart.tensor(float32([0]));
    await Promise.all([program.run({ x: state }, { y: other }, ['y']), program.run({ x: other }, { y: state }, ['y'])]);
    expect(await state.read()).toEqual(Float32Array.of(7));
    await program.release();
  });

  test('sends the elements of a view, not the memory around them', async () => {
    const x = ops.input('x', 'float32', [8]);
    const program = await apart.compile(emitOnnx({ outputs: { y: ops.sum(x) } }));
    const large = new Float32Array(2 ** 25); // 128 MiB, which take some 100 ms to copy
    const timed = async (data: Float32Array) => {
      const start = performance.now();
      for (let i = 0; i < 4; i++) (await program.run({ x: { type: 'float32', dims: [8], data } })).y!.dispose();
      return performance.now() - start;
    };
    await timed(new Float32Array(8));
    expect(await timed(large.subarray(0, 8))).toBeLessThan(250);
    await program.release();
  });

  test('frees tensors that nobody holds any more', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const program = await apart.compile(twoOutputs());
    const x = apart.tensor(float32(new Array(2 ** 20).fill(1)));
    const grown = async (runs: number) => {
      const before = process.memoryUsage().rss;
      for (let i = 0; i < runs; i++) {
        await program.run({ x }, {}, ['y']); // 4 MiB
        if (i % 10 === 0) collect();
      }
      return (process.memoryUsage().rss - before) / 2 ** 20;
    };
    await grown(20);
    expect(await grown(100)).toBeLessThan(200);
    x.dispose();
    await program.release();
  });

  test('says what to install when the runtime is missing', async () => {
    const backend = onnxBackend({ worker: 'onnxruntime-that-nobody-has' });
    for (let i = 0; i < 2; i++)
      await expect(backend.compile(twoOutputs())).rejects.toMatchObject({
        code: 'AUTOGRAD_RUNTIME_MISSING',
        message: expect.stringContaining('npm install onnxruntime-that-nobody-has'),
      });
    await backend.dispose();
  });

  test('that dies rejects what waits for it', async () => {
    const dying = 'data:text/javascript,export const InferenceSession={create(){process.exit(3)}};export class Tensor{}';
    const backend = onnxBackend({ worker: dying });
    await expect(backend.compile(twoOutputs())).rejects.toMatchObject({ code: 'AUTOGRAD_WORKER_STOPPED' });
    await expect(backend.compile(twoOutputs())).rejects.toMatchObject({ code: 'AUTOGRAD_WORKER_STOPPED' });
    await backend.dispose();
  });

  test('can be disposed of twice, or before it started, and then refuses work', async () => {
    const unused = onnxBackend({ worker: 'onnxruntime-node' });
    await unused.dispose();
    await unused.dispose();
    await expect(unused.compile(twoOutputs())).rejects.toMatchObject({ code: 'AUTOGRAD_DISPOSED' });

    const used = onnxBackend({ worker: 'onnxruntime-node' }, { threads: 1 });
    const program = await used.compile(twoOutputs());
    const running = program.run({ x: float32([1]) });
    await Promise.all([used.dispose(), used.dispose(), running.catch(() => undefined)]);
    await expect(program.run({ x: float32([1]) })).rejects.toMatchObject({ code: 'AUTOGRAD_DISPOSED' });
    await program.release();
  });
});
