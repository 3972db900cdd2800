import { afterAll, describe, expect, test } from '@jest/globals';
import * as ort from 'onnxruntime-node';
import { float32, twoOutputs } from '../../test/two-outputs.js';
import * as ops from '../ops/index.js';
import type { Backend } from './backend.js';
import { emitOnnx } from './emit.js';
import { onnxBackend } from './onnx-backend.js';
import type { OrtModule } from './runtime.js';

const here = onnxBackend(ort as unknown as OrtModule, { threads: 1 });
const apart = onnxBackend({ worker: 'onnxruntime-node' }, { threads: 1 });
afterAll(async () => {
  await here.dispose();
  await apart.dispose();
});

describe.each<[string, Backend]>([
  ['in the thread', here],
  ['in a worker', apart],
])('the backend %s', (_, backend) => {
  test('compiles and runs a graph on plain data', async () => {
    const program = await backend.compile(twoOutputs());
    expect(program.inputNames).toEqual(['x']);
    expect(program.outputNames).toEqual(['y', 'z']);
    const { y, z } = await program.run({ x: float32([1, 2, 3]) });
    expect([y!.type, y!.dims]).toEqual(['float32', [3]]);
    expect(await y!.read()).toEqual(Float32Array.of(3, 5, 7));
    expect(await z!.read()).toEqual(Float32Array.of(1, 4, 9));
    await program.release();
  });

  test('leaves the data that it is fed as it was, and hands out copies', async () => {
    const program = await backend.compile(twoOutputs());
    const fed = float32([1, 2]);
    const { y } = await program.run({ x: fed });
    ((await y!.read()) as Float32Array).fill(0);
    expect(await y!.read()).toEqual(Float32Array.of(3, 5));
    expect(fed.data).toEqual(Float32Array.of(1, 2));
    await program.release();
  });

  test('computes only the outputs that are asked for', async () => {
    const program = await backend.compile(twoOutputs());
    expect(Object.keys(await program.run({ x: float32([1]) }, {}, ['z']))).toEqual(['z']);
    await program.release();
  });

  test('writes into tensors that it is given, which take turns as input and output', async () => {
    const program = await backend.compile(twoOutputs());
    let [from, to] = [backend.tensor(float32([1, 2])), backend.tensor(float32([0, 0]))];
    for (let i = 0; i < 5; i++) {
      const { y } = await program.run({ x: from }, { y: to }, ['y']);
      expect(y).toBe(to);
      [from, to] = [to, from];
    }
    // x ← 2x + 1, five times: 32x + 31.
    expect(await from.read()).toEqual(Float32Array.of(63, 95));
    await program.release();
  });

  test('feeds results to later runs without reading them', async () => {
    const program = await backend.compile(twoOutputs());
    let { y } = await program.run({ x: float32([1]) });
    for (let i = 0; i < 3; i++) ({ y } = await program.run({ x: y! }));
    expect(await y!.read()).toEqual(Float32Array.of(31));
    await program.release();
  });

  test('keeps every element type', async () => {
    const whole = ops.input('whole', 'int64', [2]);
    const flag = ops.input('flag', 'bool', [2]);
    const program = await backend.compile(emitOnnx({ outputs: { sum: ops.add(whole, whole), flipped: ops.not(flag) } }));
    const results = await program.run({
      whole: { type: 'int64', dims: [2], data: BigInt64Array.of(1n, -(2n ** 40n)) },
      flag: { type: 'bool', dims: [2], data: Uint8Array.of(0, 1) },
    });
    expect(await results.sum!.read()).toEqual(BigInt64Array.of(2n, -(2n ** 41n)));
    expect([...((await results.flipped!.read()) as Uint8Array)]).toEqual([1, 0]);
    expect(results.flipped!.type).toBe('bool');
    await program.release();
  });

  test('refuses inputs and output tensors of another shape', async () => {
    const x = ops.input('x', 'float32', [2]);
    const program = await backend.compile(emitOnnx({ outputs: { y: ops.neg(x) } }));
    await expect(program.run({ x: float32([1, 2, 3]) })).rejects.toMatchObject({ code: 'AUTOGRAD_RUNTIME' });
    await expect(program.run({ x: float32([1, 2]) }, { y: backend.tensor(float32([0, 0, 0])) })).rejects.toMatchObject({
      code: 'AUTOGRAD_RUNTIME',
    });
    await expect(program.run({})).rejects.toMatchObject({ code: 'AUTOGRAD_RUNTIME', message: expect.stringContaining('x') });
    await program.release();
  });

  test('passes over feeds that the graph does not take, and refuses outputs that it does not have', async () => {
    const program = await backend.compile(twoOutputs());
    const x = float32([1]);
    const { y } = await program.run({ x, mask: x });
    expect(await y!.read()).toEqual(Float32Array.of(3));
    const unknown = { code: 'AUTOGRAD_UNKNOWN_OUTPUT', message: expect.stringContaining("no output 'w'. It has 'y', 'z'") };
    await expect(program.run({ x }, {}, ['y', 'w'])).rejects.toMatchObject(unknown);
    await expect(program.run({ x }, { w: backend.tensor(x) })).rejects.toMatchObject(unknown);
    expect(await program.run({ x }, {}, [])).toEqual({});
    await program.release();
  });

  test('refuses data in the place of a tensor to write to, and data that do not fill their shape', async () => {
    const program = await backend.compile(twoOutputs());
    const x = float32([1]);
    await expect(program.run({ x }, { y: float32([0]) as never })).rejects.toMatchObject({ code: 'AUTOGRAD_FOREIGN_TENSOR' });
    const short = { ...x, dims: [2] };
    await expect(program.run({ x: short })).rejects.toMatchObject({ code: 'AUTOGRAD_SHAPE', message: expect.stringContaining('[2]') });
    expect(() => backend.tensor(short)).toThrow(expect.objectContaining({ code: 'AUTOGRAD_SHAPE' }));
    expect(() => backend.tensor({ ...x, data: [1] as never })).toThrow(expect.objectContaining({ code: 'AUTOGRAD_SHAPE' }));
    await program.release();
  });

  test('refuses two sizes of one named dimension, which the runtime would stretch', async () => {
    const rows = ops.input('rows', 'float32', [2, 'length']);
    const row = ops.input('row', 'float32', ['length']);
    const program = await backend.compile(emitOnnx({ outputs: { y: ops.add(rows, row) } }));
    const feeds = { rows: float32([1, 2, 3, 4, 5, 6], [2, 3]), row: float32([1]) };
    await expect(program.run(feeds)).rejects.toMatchObject({
      code: 'AUTOGRAD_DIMENSION',
      message: expect.stringContaining("dimension 'length' is 3 in input 'rows' and 1 in input 'row'"),
    });
    const { y } = await program.run({ ...feeds, row: backend.tensor(float32([1, 2, 3])) });
    expect(await y!.read()).toEqual(Float32Array.of(2, 4, 6, 5, 7, 9));
    await program.release();
  });

  test('finishes the runs in hand before it releases a program, and refuses later ones', async () => {
    const program = await backend.compile(twoOutputs());
    const running = program.run({ x: float32([1]) });
    const released = program.release();
    expect(await (await running).y!.read()).toEqual(Float32Array.of(3));
    await expect(program.run({ x: float32([1]) })).rejects.toMatchObject({ message: 'the program has been released.' });
    await released;
  });

  test('says which tensor is gone', async () => {
    const program = await backend.compile(twoOutputs());
    const x = backend.tensor(float32([1]));
    x.dispose();
    x.dispose();
    await expect(x.read()).rejects.toMatchObject({ code: 'AUTOGRAD_RUNTIME', message: 'the tensor has been released.' });
    await expect(program.run({ x })).rejects.toMatchObject({ message: 'the tensor has been released.' });
    await program.release();
  });

  test('leaves what it is given to the caller: views, parts of a pool, and the model', async () => {
    const many = Float32Array.of(7, 1, 2, 7);
    const model = Buffer.from(twoOutputs());
    const program = await backend.compile(model);
    const { y } = await program.run({ x: { type: 'float32', dims: [2], data: many.subarray(1, 3) } });
    expect(await y!.read()).toEqual(Float32Array.of(3, 5));
    expect(many).toEqual(Float32Array.of(7, 1, 2, 7));
    expect(model.length).toBeGreaterThan(0);
    await program.release();

    const flags = ops.input('flags', 'bool', [2]);
    const not = await backend.compile(emitOnnx({ outputs: { y: ops.not(flags) } }));
    const pooled = Buffer.from([0, 1]);
    const { y: flipped } = await not.run({ flags: { type: 'bool', dims: [2], data: pooled } });
    expect([...((await flipped!.read()) as Uint8Array)]).toEqual([1, 0]);
    expect([...pooled]).toEqual([0, 1]);
    await not.release();
  });

  test.each<[string, unknown]>([
    ['bytes that are no model', Uint8Array.of(1, 2, 3)],
    ['no bytes', new Uint8Array(0)],
    ['the name of a file', 'model.onnx'],
  ])('refuses %s', async (_, model) => {
    await expect(backend.compile(model as Uint8Array)).rejects.toMatchObject({ code: 'AUTOGRAD_RUNTIME' });
  });

  test('refuses a tensor of another backend, and releases twice without harm', async () => {
    const program = await backend.compile(twoOutputs());
    const foreign = (backend === here ? apart : here).tensor(float32([1]));
    await expect(program.run({ x: foreign })).rejects.toMatchObject({ code: 'AUTOGRAD_FOREIGN_TENSOR' });
    foreign.dispose();
    await program.release();
    await program.release();
  });
});

test('in the thread can be disposed of, and then refuses work', async () => {
  const backend = onnxBackend(ort as unknown as OrtModule, { threads: 1 });
  const program = await backend.compile(twoOutputs());
  await backend.dispose();
  await backend.dispose();
  await expect(program.run({ x: float32([1]) })).rejects.toMatchObject({ code: 'AUTOGRAD_DISPOSED' });
  await expect(backend.compile(twoOutputs())).rejects.toMatchObject({ code: 'AUTOGRAD_DISPOSED' });
  await program.release();
});

test('both backends compute the same bits', async () => {
  const random = ops.input('x', 'float32', [4, 6]);
  const model = emitOnnx({ outputs: { y: ops.softmax(ops.gelu(ops.matmul(random, ops.transpose(random)))) } });
  const x = float32(
    Array.from({ length: 24 }, (_, i) => Math.sin(i)),
    [4, 6],
  );
  const results = [];
  for (const backend of [here, apart]) {
    const program = await backend.compile(model);
    results.push(await (await program.run({ x })).y!.read());
    await program.release();
  }
  expect(results[0]).toEqual(results[1]);
});
