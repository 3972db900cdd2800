import { type Backend, onnxBackend, ops } from '../src/index.js';
import { emitOnnx } from '../src/onnx/emit.js';
import type { OrtModule } from '../src/onnx/runtime.js';

const inBrowser = 'location' in globalThis;

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

const places: readonly (readonly [string, () => Promise<Backend>])[] = [
  ['in this thread', here],
  ['in a worker', apart],
];

export default places.flatMap(([place, start]) => [
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
