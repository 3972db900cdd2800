import { describe, expect, test } from '@jest/globals';
import * as ort from 'onnxruntime-node';
import * as ops from '../ops/index.js';
import type { Backend } from './backend.js';
import { emitOnnx } from './emit.js';
import { onnxBackend } from './onnx-backend.js';
import { type ExecutionProvider, type OrtModule, runtimeError, sessionOptions } from './runtime.js';

const model = emitOnnx({ outputs: { y: ops.neg(ops.input('x', 'float32', [1])) } });
const x = { type: 'float32', dims: [1], data: Float32Array.of(3) } as const;

describe.each<[string, (executionProviders: readonly ExecutionProvider[]) => Backend]>([
  ['in the thread', (executionProviders) => onnxBackend(ort as unknown as OrtModule, { executionProviders, threads: 1 })],
  ['in a worker', (executionProviders) => onnxBackend({ worker: 'onnxruntime-node' }, { executionProviders, threads: 1 })],
])('a backend %s', (_, start) => {
  test('takes providers by name or with options', async () => {
    const backend = start([{ name: 'cpu', useArena: true }, 'cpu']);
    const program = await backend.compile(model);
    expect(await (await program.run({ x })).y!.read()).toEqual(Float32Array.of(-3));
    await backend.dispose();
  });

  test('says which providers there are where one is missing', async () => {
    const backend = start(['abacus']);
    await expect(backend.compile(model)).rejects.toMatchObject({
      code: 'AUTOGRAD_PROVIDER',
      message: expect.stringMatching(/abacus.*onnxruntime-node has 'cpu'/),
    });
    await backend.dispose();
  });
});

test.each([
  [
    'OrtSessionOptionsAppendExecutionProvider_Cuda: Failed to load shared library',
    /npm rebuild onnxruntime-node --onnxruntime-node-install=cuda12/,
  ],
  ['Failed to get a WebGPU adapter: No supported adapters', /no GPU that WebGPU can use/],
])('what the runtime says of a provider, "%s", gets a remedy', (says, remedy) => {
  expect(runtimeError(says)).toMatchObject({ code: 'AUTOGRAD_PROVIDER', message: expect.stringMatching(remedy) });
});

test('what else the runtime says is left as it is', () => {
  expect(runtimeError('bad shape')).toMatchObject({ code: 'AUTOGRAD_RUNTIME', message: expect.stringMatching(/^bad shape/) });
});

test('results are left on the GPU by onnxruntime-web on WebGPU alone', () => {
  const left = { preferredOutputLocation: 'gpu-buffer' };
  expect(sessionOptions({ executionProviders: [{ name: 'webgpu' }] }, true)).toMatchObject(left);
  expect(sessionOptions({ executionProviders: ['webgpu'] }, false)).not.toMatchObject(left);
  expect(sessionOptions({ executionProviders: ['wasm'] }, true)).not.toMatchObject(left);
});
