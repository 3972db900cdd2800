import { type Backend, onnxBackend, ops } from '../src/index.js';
import { emitOnnx } from '../src/onnx/emit.js';
import type { OrtModule } from '../src/onnx/runtime.js';
import { gpuLack, inBrowser } from './browser-places.js';

const float32 = (...values: number[]) => ({ type: 'float32', dims: [values.length], data: Float32Array.from(values) }) as const;

const here = async () =>
  onnxBackend((inBrowser ? await import('onnxruntime-web/wasm') : await import('onnxruntime-node')) as unknown as OrtModule, {
    threads: 1,
  });
const apart = async () => {
  if (inBrowser) return onnxBackend({ worker: '/onnxruntime-web/ort.wasm.min.mjs' }, { threads: 1 });
  const { createRequire } = process.getBuiltinModule('node:module');
  return onnxBackend({ worker: createRequire(`${process.cwd()}/package.json`).resolve('onnxruntime-node') }, { threads: 1 });
};

const x = ops.input('x', 'float32', [2]);
const model = () => emitOnnx({ outputs: { y: ops.add(ops.mul(x, 2), 1) } });

/** Runs of two programs that do not wait for each other. */
async function twoAtOnce(start: () => Promise<Backend>): Promise<number[]> {
  const backend = await start();
  const programs = await Promise.all([backend.compile(model()), backend.compile(model())]);
  const runs = Array.from({ length: 8 }, (_, i) => programs[i % 2]!.run({ x: float32(i, i + 1) }));
  const results = await Promise.all(runs.map(async (run) => (await run).y!.read()));
  await Promise.all(programs.map((program) => program.release()));
  await backend.dispose();
  return results.flatMap((numbers) => [...(numbers as Float32Array)]);
}

const places: readonly (readonly [string, () => Promise<Backend>])[] = [
  ['in this thread', here],
  ['in a worker', apart],
];

const inPlaces = places.flatMap(([place, start]) => [
  {
    name: `${place}, outputs are written to tensors that take turns`,
    async run() {
      const backend = await start();
      const program = await backend.compile(model());
      let [from, to] = [backend.tensor(float32(1, 2)), backend.tensor(float32(0, 0))];
      for (let i = 0; i < 5; i++) {
        const { y } = await program.run({ x: from }, { y: to });
        if (y !== to) throw new Error('another tensor came back');
        [from, to] = [to, from];
      }
      const result = await from.read();
      await backend.dispose();
      return result;
    },
  },
  {
    name: `${place}, two programs run at once`,
    run: () => twoAtOnce(start),
  },
  {
    name: `${place}, a tensor of another shape is not written to`,
    async run() {
      const backend = await start();
      const program = await backend.compile(model());
      const error = await program.run({ x: float32(1, 2) }, { y: backend.tensor(float32(0, 0, 0)) }).catch((reason) => reason);
      await backend.dispose();
      return error.code;
    },
  },
]);

/** What `draw` draws in a graph that is told its seed when it runs. */
async function drawn(draw: typeof ops.randomUniform): Promise<Float32Array> {
  const backend = await here();
  const program = await backend.compile(emitOnnx({ outputs: { y: draw([1000], { seed: ops.input('step', 'int64', []) }) } }));
  const { y } = await program.run({ step: { type: 'int64', dims: [], data: BigInt64Array.of(12n) } });
  const numbers = (await y!.read()) as Float32Array;
  await program.release();
  await backend.dispose();
  return numbers;
}

const draws = [
  { name: 'uniform numbers that a graph draws are the same bits', run: () => drawn(ops.randomUniform) },
  { name: 'normal numbers that a graph draws are nearly the same', tolerance: 1e-5, run: async () => [...(await drawn(ops.randomNormal))] },
  { name: 'Gumbel numbers that a graph draws are nearly the same', tolerance: 1e-5, run: async () => [...(await drawn(ops.randomGumbel))] },
];

async function onGpu(): Promise<Backend> {
  const ort = (inBrowser ? await import('onnxruntime-web/webgpu') : await import('onnxruntime-node')) as unknown as OrtModule;
  return onnxBackend(ort, { executionProviders: [{ name: inBrowser ? 'webgpu' : 'cpu' }] });
}

/** The steps of a loop whose state stays where it is computed. */
async function resident(): Promise<number[]> {
  const backend = await onGpu();
  const program = await backend.compile(model());
  let [from, to] = [backend.tensor(float32(1, 2)), backend.tensor(float32(0, 0))];
  const seen: number[] = [];
  for (let i = 0; i < 5; i++) {
    const { y } = await program.run({ x: from }, { y: to });
    if (inBrowser && y!.location !== 'gpu-buffer') throw new Error(`step ${i} left its result in ${y!.location}`);
    // Read on the way, twice at once: what was read is fed again.
    if (i === 2) for (const data of await Promise.all([to.read(), to.read()])) seen.push(...(data as Float32Array));
    [from, to] = [to, from];
  }
  seen.push(...((await from.read()) as Float32Array));
  from.dispose();
  to.dispose();
  await program.release();
  await backend.dispose();
  return seen;
}

export default [
  ...inPlaces,
  ...draws,
  { name: 'two programs run at once on WebGPU', lacks: gpuLack, run: () => twoAtOnce(onGpu) },
  { name: 'results on WebGPU stay there until they are read', lacks: gpuLack, run: resident },
];
