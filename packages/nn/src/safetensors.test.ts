import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { createRandom } from '@polymodal/autograd';
import type { DType, TensorLike } from '@polymodal/modality-registry';
import fc from 'fast-check';
import { CheckpointError } from './checkpoint-error.js';
import { parseSafetensors, serializeSafetensors } from './safetensors.js';

const golden = (name: string) => new Uint8Array(readFileSync(new URL(`./goldens/${name}.safetensors`, import.meta.url)));

/** A file of a header as given and `dataLength` bytes 0, 1, 2 … of data. */
function file(header: string, dataLength: number, claimed = Buffer.byteLength(header)): Uint8Array {
  const bytes = new Uint8Array(8 + Buffer.byteLength(header) + dataLength);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(claimed), true);
  bytes.set(Buffer.from(header), 8);
  for (let i = 0; i < dataLength; i++) bytes[bytes.length - dataLength + i] = i;
  return bytes;
}

function codeOf(bytes: Uint8Array): string {
  try {
    parseSafetensors(bytes);
  } catch (error) {
    if (error instanceof CheckpointError && error.fix !== undefined) return error.code;
    throw error;
  }
  return 'read';
}

const headerOf = (bytes: Uint8Array) =>
  Buffer.from(bytes.subarray(8, 8 + Number(new DataView(bytes.buffer).getBigUint64(0, true)))).toString();

const everyType: Record<string, [DType, TensorLike['data']]> = {
  F64: ['float64', Float64Array.of(Math.PI, -0)],
  I64: ['int64', BigInt64Array.of(-(2n ** 63n), 5n)],
  U64: ['uint64', BigUint64Array.of(2n ** 64n - 1n, 5n)],
  F32: ['float32', Float32Array.of(1.5, -Infinity)],
  I32: ['int32', Int32Array.of(-(2 ** 31), 5)],
  U32: ['uint32', Uint32Array.of(2 ** 32 - 1, 5)],
  F16: ['float16', Uint16Array.of(0x3c00, 0xfc00)],
  I16: ['int16', Int16Array.of(-32768, 5)],
  U16: ['uint16', Uint16Array.of(65535, 5)],
  I8: ['int8', Int8Array.of(-128, 5)],
  U8: ['uint8', Uint8Array.of(255, 5)],
  BOOL: ['bool', Uint8Array.of(1, 0)],
};
const allTypes = () =>
  new Map(Object.entries(everyType).map(([name, [type, data]]): [string, TensorLike] => [name, { type, dims: [2, 1], data }]));

describe('files that PyTorch users wrote', () => {
  test.each([
    ['projector', 'model.mm_projector.0.weight', [20, 12]],
    ['dalle-block', 'id_path.w', [8, 16, 1, 1]],
  ])('%s is read, and reads the same after rewriting', (name, tensor, dims) => {
    const { tensors, metadata } = parseSafetensors(golden(name));
    expect(tensors.get(tensor)).toMatchObject({ type: 'float32', dims });
    const again = parseSafetensors(serializeSafetensors(tensors, metadata));
    expect(again.metadata).toEqual(metadata);
    expect([...again.tensors].sort()).toEqual([...tensors].sort());
  });

  test('the numbers are those of the bytes at the offsets in the header', () => {
    const bytes = golden('projector');
    const header = JSON.parse(headerOf(bytes)) as Record<string, { data_offsets: [number, number] }>;
    const at = 8 + headerOf(bytes).length + header['model.mm_projector.2.weight']!.data_offsets[0];
    const data = parseSafetensors(bytes).tensors.get('model.mm_projector.2.weight')!.data;
    expect([data[0], data[399]]).toEqual([
      new DataView(bytes.buffer).getFloat32(at, true),
      new DataView(bytes.buffer).getFloat32(at + 4 * 399, true),
    ]);
  });
});

describe('serializeSafetensors', () => {
  test('gives the bytes that the format fixes', () => {
    const one: TensorLike = { type: 'float32', dims: [1], data: Float32Array.of(1) };
    const bytes = serializeSafetensors(
      new Map([
        ['b', one],
        ['a', { type: 'float16', dims: [], data: Uint16Array.of(0x3c00) }],
      ]),
      { z: '"', a: 'é' },
    );
    const header =
      '{"__metadata__":{"a":"é","z":"\\""},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F16","shape":[],"data_offsets":[4,6]}}';
    expect(headerOf(bytes).trimEnd()).toBe(header);
    expect(Buffer.byteLength(headerOf(bytes)) % 8).toBe(0);
    expect([...bytes.subarray(-6)]).toEqual([0, 0, 0x80, 0x3f, 0, 0x3c]);
  });

  test('every element type comes back, and lies aligned in the file', () => {
    const bytes = serializeSafetensors(allTypes());
    const { tensors, metadata } = parseSafetensors(bytes);
    expect(metadata).toEqual({});
    expect(Object.fromEntries(tensors)).toEqual(Object.fromEntries(allTypes()));
    for (const { data } of tensors.values()) expect(data.buffer).toBe(bytes.buffer);
    expect([...tensors.keys()]).toEqual(['U64', 'I64', 'F64', 'F32', 'U32', 'I32', 'F16', 'U16', 'I16', 'I8', 'U8', 'BOOL']);
  });

  test('bytes at an odd address are copied, also out of a Buffer, whose slice() is a view', () => {
    const bytes = serializeSafetensors(allTypes());
    const shifted = Buffer.alloc(bytes.length + 1);
    shifted.set(bytes, 1);
    expect(Object.fromEntries(parseSafetensors(shifted.subarray(1)).tensors)).toEqual(Object.fromEntries(allTypes()));
  });

  test('the order in which tensors and metadata come does not matter, and any names and shapes come back', () => {
    const tensor = fc.record({
      type: fc.constantFrom<'float32' | 'uint8' | 'int64'>('float32', 'uint8', 'int64'),
      dims: fc.array(fc.nat(4), { maxLength: 3 }),
    });
    const name = fc.string({ unit: 'binary' }).filter((text) => text !== '__metadata__');
    const names = fc.dictionary(fc.oneof(name, fc.constantFrom('__proto__', '1', 'constructor')), tensor, { maxKeys: 8 });
    const create = { float32: Float32Array, uint8: Uint8Array, int64: BigInt64Array };
    fc.assert(
      fc.property(names, fc.dictionary(name, fc.string({ unit: 'binary' })), (shapes, metadata) => {
        const entries = Object.entries(shapes).map(([key, { type, dims }]): [string, TensorLike] => {
          const data = new create[type](dims.reduce((a, b) => a * b, 1));
          return [key, { type, dims, data }];
        });
        const bytes = serializeSafetensors(new Map(entries), metadata);
        const reversed = Object.fromEntries(Object.entries(metadata).reverse());
        expect(serializeSafetensors(new Map([...entries].reverse()), reversed)).toEqual(bytes);
        const again = parseSafetensors(bytes);
        expect(new Map([...again.tensors].sort())).toEqual(new Map(entries.sort()));
        expect(Object.entries(again.metadata).sort()).toEqual(Object.entries(metadata).sort());
      }),
      { seed: 5, numRuns: 300 },
    );
  });

  test('refuses what other readers could not read', () => {
    const write = (name: string, tensor: TensorLike) => () => serializeSafetensors(new Map([[name, tensor]]));
    const scalar: TensorLike = { type: 'float32', dims: [], data: Float32Array.of(1) };
    expect(write('__metadata__', scalar)).toThrow(expect.objectContaining({ code: 'CHECKPOINT_NAME' }));
    expect(write('\ud800', scalar)).toThrow(expect.objectContaining({ code: 'CHECKPOINT_NAME' }));
    expect(write('a', { ...scalar, dims: [2] })).toThrow(expect.objectContaining({ code: 'CHECKPOINT_SHAPE' }));
    expect(write('a', { ...scalar, dims: [-1, -1] })).toThrow(expect.objectContaining({ code: 'CHECKPOINT_SHAPE' }));
    expect(write('a', { type: 'bool', dims: [1], data: Uint8Array.of(2) })).toThrow(expect.objectContaining({ code: 'CHECKPOINT_BOOL' }));
    expect(() => serializeSafetensors(new Map(), { a: '\udfff' })).toThrow(expect.objectContaining({ code: 'CHECKPOINT_HEADER' }));
  });
});

describe('parseSafetensors', () => {
  test('reads an empty file of the format, padding after the header, and keys it does not know', () => {
    expect(parseSafetensors(file('{}', 0))).toEqual({ tensors: new Map(), metadata: {} });
    const { tensors } = parseSafetensors(file('{"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3],"note":{"a":[1]}}}   ', 3));
    expect(tensors.get('a')).toEqual({ type: 'uint8', dims: [3], data: Uint8Array.of(0, 1, 2) });
  });

  test('widens bfloat16 to float32', () => {
    const bytes = file('{"a":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]}}', 4);
    bytes.set([0x80, 0x3f, 0x00, 0xc0], bytes.length - 4);
    expect(parseSafetensors(bytes).tensors.get('a')).toEqual({ type: 'float32', dims: [2], data: Float32Array.of(1, -2) });
  });

  test('widens floats of 8 bits to float32', () => {
    const entries = ['F8_E4M3', 'F8_E5M2', 'F8_E8M0'].map(
      (dtype, i) => `"${dtype}":{"dtype":"${dtype}","shape":[1],"data_offsets":[${i},${i + 1}]}`,
    );
    const bytes = file(`{${entries.join(',')}}`, 3).fill(0x39, -3);
    const values = [...parseSafetensors(bytes).tensors.values()].map(({ type, data }) => [type, data[0]]);
    expect(values).toEqual([1.125, 0.625, 2 ** -70].map((value) => ['float32', value]));
  });

  test('copies what is not aligned within the file', () => {
    const header = '{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"I32","shape":[1],"data_offsets":[1,5]}}';
    expect(parseSafetensors(file(header, 5)).tensors.get('b')).toEqual({ type: 'int32', dims: [1], data: Int32Array.of(0x04030201) });
  });

  test('reads empty tensors between others', () => {
    const header =
      '{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"F32","shape":[0,7],"data_offsets":[2,2]},"c":{"dtype":"U8","shape":[1],"data_offsets":[2,3]}}';
    expect(parseSafetensors(file(header, 3)).tensors.get('b')).toEqual({ type: 'float32', dims: [0, 7], data: new Float32Array(0) });
  });

  const entry = (shape: string, offsets: string, dtype = '"U8"') => `{"dtype":${dtype},"shape":${shape},"data_offsets":${offsets}}`;
  test.each<[string, string, Uint8Array]>([
    ['CHECKPOINT_TRUNCATED', 'fewer than 8 bytes', new Uint8Array(7)],
    ['CHECKPOINT_TRUNCATED', 'a header past the end', file('{}', 0, 3)],
    ['CHECKPOINT_HEADER', 'a header past 100 MB', file('{}', 0, 100_000_001)],
    ['CHECKPOINT_HEADER', 'a header of 2⁶³ bytes', file('{}', 0).fill(0x80, 7, 8)],
    ['CHECKPOINT_HEADER', 'an empty header', file('', 0)],
    ['CHECKPOINT_HEADER', 'a header that begins with a space', file(' {}', 0)],
    ['CHECKPOINT_HEADER', 'a list', file('[]', 0)],
    ['CHECKPOINT_HEADER', 'broken JSON', file('{"a":', 0)],
    ['CHECKPOINT_HEADER', 'bytes that are not UTF-8', file('{"a":0}', 0).fill(0xff, 10, 11)],
    ['CHECKPOINT_HEADER', 'a lone surrogate', file(`{"\\ud800":${entry('[1]', '[0,1]')}}`, 1)],
    ['CHECKPOINT_HEADER', 'an entry that is no object', file('{"a":1}', 0)],
    ['CHECKPOINT_HEADER', 'a metadata list', file('{"__metadata__":[]}', 0)],
    ['CHECKPOINT_HEADER', 'metadata numbers', file('{"__metadata__":{"a":1}}', 0)],
    ['CHECKPOINT_HEADER', 'a name twice', file(`{"a":${entry('[0]', '[0,0]')},"\\u0061"\n :${entry('[1]', '[0,1]')}}`, 1)],
    ['CHECKPOINT_HEADER', 'a field twice', file('{"a":{"dtype":"U8","shape":[2],"shape":[1],"data_offsets":[0,1]}}', 1)],
    ['CHECKPOINT_HEADER', 'a metadata key twice, after escapes', file('{"__metadata__":{"a\\\\":"\\"","a\\\\":""}}', 0)],
    ['CHECKPOINT_HEADER', 'a negative size', file(`{"a":${entry('[-1]', '[0,1]')}}`, 1)],
    ['CHECKPOINT_HEADER', 'a fractional size', file(`{"a":${entry('[0.5]', '[0,1]')}}`, 1)],
    ['CHECKPOINT_HEADER', 'three offsets', file(`{"a":${entry('[1]', '[0,1,1]')}}`, 1)],
    ['CHECKPOINT_HEADER', 'an element count that overflows', file(`{"a":${entry('[4503599627370496,4]', '[0,1]')}}`, 1)],
    ['CHECKPOINT_HEADER', 'an overflow before a zero', file(`{"a":${entry('[4503599627370496,4,0]', '[0,0]')}}`, 0)],
    ['CHECKPOINT_DTYPE', 'a complex number', file(`{"a":${entry('[1]', '[0,8]', '"C64"')}}`, 8)],
    ['CHECKPOINT_DTYPE', 'a name that every object has', file(`{"a":${entry('[1]', '[0,1]', '"constructor"')}}`, 1)],
    ['CHECKPOINT_DTYPE', 'a dtype nested 100,000 deep', file(`{"a":${entry('[1]', '[0,1]', `${'['.repeat(1e5)}${']'.repeat(1e5)}`)}}`, 1)],
    ['CHECKPOINT_SHAPE', 'a shape larger than its bytes', file(`{"a":${entry('[2]', '[0,1]')}}`, 1)],
    ['CHECKPOINT_SHAPE', 'offsets in reverse', file(`{"a":${entry('[1]', '[1,0]')}}`, 1)],
    ['CHECKPOINT_OFFSETS', 'a hole', file(`{"a":${entry('[1]', '[0,1]')},"b":${entry('[1]', '[2,3]')}}`, 3)],
    ['CHECKPOINT_OFFSETS', 'an overlap', file(`{"a":${entry('[2]', '[0,2]')},"b":${entry('[2]', '[1,3]')}}`, 3)],
    ['CHECKPOINT_OFFSETS', 'a hole at the front', file(`{"a":${entry('[1]', '[1,2]')}}`, 2)],
    ['CHECKPOINT_OFFSETS', 'bytes left over', file(`{"a":${entry('[1]', '[0,1]')}}`, 2)],
    ['CHECKPOINT_TRUNCATED', 'bytes missing', file(`{"a":${entry('[3]', '[0,3]')}}`, 2)],
    ['CHECKPOINT_BOOL', 'a boolean 2', file(`{"a":${entry('[3]', '[0,3]', '"BOOL"')}}`, 3)],
  ])('%s: %s', (code, _, bytes) => {
    expect(codeOf(bytes)).toBe(code);
  });

  test('says which tensor, and cuts a name that fills the message', () => {
    expect(() => parseSafetensors(file(`{"${'x'.repeat(1e5)}":${entry('[2]', '[0,1]')}}`, 1))).toThrow(
      expect.objectContaining({ message: expect.stringMatching(/^"x{80}…" has bytes 0 to 1, but its 2 U8 elements need 2\. .{1,200}$/) }),
    );
  });
});

describe('2,000 damaged files', () => {
  const sources = [golden('dalle-block'), serializeSafetensors(allTypes(), { note: 'a "quoted" text', other: '' })];
  const fragments = [
    '"',
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '\\',
    '9',
    '99999999999999999999',
    '-1',
    '1e308',
    'null',
    '"F64"',
    '"__proto__"',
    '\u0000',
    '[[',
  ];

  test('give a CheckpointError or tensors within the file, at once', () => {
    const random = createRandom(2000);
    const outcomes = new Map<string, number>();
    const started = performance.now();
    let slowest = 0;
    for (let run = 0; run < 2000; run++) {
      let bytes: Uint8Array = sources[random.integer(sources.length)]!.slice();
      const headerEnd = 8 + Number(new DataView(bytes.buffer).getBigUint64(0, true));
      const kind = random.integer(7);
      if (kind === 0) for (let n = random.integer(4) + 1; n > 0; n--) bytes[random.integer(headerEnd)] = random.integer(256);
      else if (kind === 1) bytes = bytes.slice(0, random.integer(bytes.length));
      else if (kind < 4) {
        // Keeps the JSON whole, so that what lies behind it is reached: one digit, or one capital letter, becomes another.
        const [low, high] = kind === 2 ? [0x30, 0x39] : [0x41, 0x5a];
        let at = 8 + random.integer(headerEnd - 8);
        while (bytes[at]! < low || bytes[at]! > high) at = at === headerEnd - 1 ? 8 : at + 1;
        bytes[at] = low + random.integer(high - low + 1);
      } else if (kind === 4) {
        // One tensor moved, its size kept.
        const shift = random.integer(9) - 4;
        let moved = random.integer(10);
        const header = Buffer.from(bytes.subarray(8, headerEnd)).toString();
        const changed = header.replace(/\[(\d+),(\d+)\]\}/g, (all, start, end) =>
          moved-- === 0 ? `[${+start + shift},${+end + shift}]}` : all,
        );
        bytes = file(changed, bytes.length - headerEnd);
      } else {
        const header = Buffer.from(bytes.subarray(8, headerEnd)).toString();
        const at = random.integer(header.length);
        const fragment = kind === 5 ? fragments[random.integer(fragments.length)]! : header.slice(at, at + random.integer(40));
        const from = random.integer(header.length);
        const changed = header.slice(0, from) + fragment + header.slice(from + random.integer(3) * fragment.length);
        bytes = file(changed, bytes.length - headerEnd);
      }
      const before = performance.now();
      const code = codeOf(bytes);
      slowest = Math.max(slowest, performance.now() - before);
      outcomes.set(code, (outcomes.get(code) ?? 0) + 1);
      if (code !== 'read') continue;
      let total = 0;
      for (const { data } of parseSafetensors(bytes).tensors.values()) total += data.byteLength;
      if (total > 2 * bytes.length) throw new Error(`run ${run} made ${total} bytes of ${bytes.length}`);
    }
    expect(slowest).toBeLessThan(500);
    expect(performance.now() - started).toBeLessThan(20_000);
    for (const code of ['CHECKPOINT_HEADER', 'CHECKPOINT_TRUNCATED', 'CHECKPOINT_OFFSETS', 'CHECKPOINT_DTYPE', 'CHECKPOINT_SHAPE'])
      expect(outcomes.get(code)).toBeGreaterThan(10);
  });
});
