import { describe, expect, test } from '@jest/globals';
import type { TensorLike } from '@polymodal/modality-registry';
import Pbf from 'pbf';
import type { Expr } from '../expr.js';
import * as ops from '../ops/index.js';
import { emitOnnx, emitOnnxFiles } from './emit.js';
import * as wire from './wire.js';

/** Fields of a protobuf message, each with its values; only the kinds that the tests look at. */
function fieldsOf(bytes: Uint8Array): Map<number, (number | Uint8Array)[]> {
  return new Pbf(bytes).readFields((tag, found, pbf) => {
    const value = pbf.type === 0 ? pbf.readVarint() : pbf.readBytes();
    found.set(tag, [...(found.get(tag) ?? []), value]);
  }, new Map<number, (number | Uint8Array)[]>());
}
const text = (bytes: unknown) => new TextDecoder().decode(bytes as Uint8Array);
const entries = (messages: readonly unknown[] = []) =>
  Object.fromEntries(
    messages.map((message) => {
      const fields = fieldsOf(message as Uint8Array);
      return [text(fields.get(wire.entryField.key)![0]), text(fields.get(wire.entryField.value)![0])];
    }),
  );

/** y = x · wide + narrow */
function twoWeights() {
  const wide = ops.parameter([20, 30], () => new Float32Array(600));
  const narrow = ops.parameter([30], () => new Float32Array(30));
  const deep = ops.parameter([30, 40], () => new Float32Array(1200));
  const y = ops.matmul(ops.add(ops.matmul(ops.input('x', 'float32', ['batch', 20]), wide), narrow), deep);
  const parameters = new Map<Expr, string>([
    [wide, 'wide'],
    [narrow, 'narrow'],
    [deep, 'deep'],
  ]);
  const weights = new Map(
    [...parameters].map(([{ dims }, name], k): [string, TensorLike] => {
      const length = (dims as number[]).reduce((n, dim) => n * dim, 1);
      return [name, { type: 'float32', dims: dims as number[], data: Float32Array.from({ length }, (_, i) => i + k / 4) }];
    }),
  );
  return { outputs: { y }, parameters, weights };
}

describe('a model in two files', () => {
  test('has its large tensors in the second, each at a page of its own, and its small ones in the first', () => {
    const options = twoWeights();
    const { model, data } = emitOnnxFiles(options, { location: 'weights.bin' });
    const graph = fieldsOf(fieldsOf(model).get(wire.modelField.graph)![0] as Uint8Array);
    let outside = 0;
    for (const message of graph.get(wire.graphField.initializer)!) {
      const fields = fieldsOf(message as Uint8Array);
      const name = text(fields.get(wire.tensorField.name)![0]);
      const own = options.weights.get(name);
      if (own === undefined || name === 'narrow') {
        expect([fields.has(wire.tensorField.rawData), fields.has(wire.tensorField.externalData)]).toEqual([true, false]);
        continue;
      }
      outside++;
      expect(fields.get(wire.tensorField.dataLocation)).toEqual([1]);
      const { location, offset, length } = entries(fields.get(wire.tensorField.externalData));
      expect([location, Number(offset) % 4096, Number(length)]).toEqual(['weights.bin', 0, own.data.byteLength]);
      expect(new Float32Array(data.buffer, Number(offset), Number(length) / 4)).toEqual(own.data);
    }
    expect(outside).toBe(2);
  });

  test.each(['', '.', '..', '../weights.bin', '/weights.bin', 'a\\b'])('refuses %j as the name of the second', (location) => {
    expect(() => emitOnnxFiles(twoWeights(), { location })).toThrow(expect.objectContaining({ code: 'AUTOGRAD_LOCATION' }));
  });
});

test('metadata and the producer are in the model', () => {
  const metadata = { license: 'apache-2.0', 'trained on': '字' };
  const fields = fieldsOf(emitOnnx({ ...twoWeights(), metadata }));
  expect(entries(fields.get(wire.modelField.metadata))).toEqual(metadata);
  expect(text(fields.get(wire.modelField.producerName)![0])).toBe('@polymodal/autograd');
  expect(fieldsOf(emitOnnx(twoWeights())).has(wire.modelField.metadata)).toBe(false);
});

test('weights too large for a file are refused before they are copied', () => {
  const half: TensorLike = { type: 'float32', dims: [2 ** 28], data: new Float32Array(2 ** 28) }; // 1 GiB that nobody touches
  const sumOf = (count: number) => {
    const nodes = Array.from({ length: count }, () => ops.parameter([2 ** 28], () => half.data as Float32Array));
    const names = nodes.map((node, i): [Expr, string] => [node, `w${i}`]);
    return {
      outputs: {
        y: ops.add(
          ops.input('x', 'float32', [1]),
          nodes.reduce<Expr>((a, b) => ops.add(a, b), ops.constant(0)),
        ),
      },
      parameters: new Map(names),
      weights: new Map(names.map(([, name]) => [name, half])),
    };
  };
  expect(() => emitOnnx(sumOf(2))).toThrow(
    expect.objectContaining({ code: 'AUTOGRAD_TOO_LARGE', message: expect.stringContaining("'externalData'") }),
  );
  expect(() => emitOnnxFiles(sumOf(5), { location: 'data' })).toThrow(expect.objectContaining({ code: 'AUTOGRAD_TOO_LARGE' }));
});
