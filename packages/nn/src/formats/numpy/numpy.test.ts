import { deflateRawSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import type { DType, TensorLike } from '@polymodal/modality-registry';
import fc from 'fast-check';
import { CheckpointError } from '../../checkpoint-error.js';
import { crc32 } from '../crc32.js';
import { allSpelled, goldenFile, goldens, spelled, unpacked } from '../goldens.js';
import { parseNpy, serializeNpy } from './npy.js';
import { isNpy } from './npy-header.js';
import { parseNpz, serializeNpz } from './npz.js';

const refusal = (code: string, says = /./) => expect.objectContaining({ code, message: expect.stringMatching(says) });

/** A file of version 1 with this header. */
function npy(header: string, data: ArrayLike<number> = [], version = 1): Uint8Array {
  const text = new TextEncoder().encode(header);
  const length =
    version === 1 ? [text.length & 0xff, text.length >> 8] : [text.length & 0xff, (text.length >> 8) & 0xff, text.length >> 16, 0];
  return Uint8Array.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, version, 0, ...length, ...text, ...Array.from(data)]);
}
const header = (descr: string, shape: string, order = 'False') => `{'descr': ${descr}, 'fortran_order': ${order}, 'shape': ${shape}, }\n`;

const tensors: fc.Arbitrary<TensorLike> = fc
  .record({
    dims: fc.array(fc.nat(4), { maxLength: 4 }),
    type: fc.constantFrom<DType>(
      'float32',
      'float64',
      'float16',
      'int8',
      'uint8',
      'int16',
      'uint16',
      'int32',
      'uint32',
      'int64',
      'uint64',
      'bool',
    ),
    seed: fc.nat(),
  })
  .map(({ dims, type, seed }) => {
    const count = dims.reduce((a, b) => a * b, 1);
    const numbers = Array.from({ length: count }, (_, i) => (seed * (i + 1)) % 251);
    const data = {
      float32: Float32Array.from(numbers),
      float64: Float64Array.from(numbers),
      float16: Uint16Array.from(numbers),
      int8: Int8Array.from(numbers),
      uint8: Uint8Array.from(numbers),
      int16: Int16Array.from(numbers),
      uint16: Uint16Array.from(numbers),
      int32: Int32Array.from(numbers),
      uint32: Uint32Array.from(numbers),
      int64: BigInt64Array.from(numbers, BigInt),
      uint64: BigUint64Array.from(numbers, BigInt),
      bool: Uint8Array.from(numbers, (number) => number % 2),
    }[type];
    return { type, dims, data };
  });

describe('.npy files that numpy wrote', () => {
  test.each(goldens.npy)('$name', ({ type, dims, data, canonical, ...golden }) => {
    const file = unpacked(golden);
    const tensor = parseNpy(file);
    expect(spelled(tensor)).toEqual({ type, dims, data });
    // Aligned elements in the order of rows are no copy.
    if (canonical) expect(tensor.data.buffer).toBe(file.buffer);
    if (canonical) expect(Buffer.from(serializeNpy(tensor))).toEqual(Buffer.from(file));
  });

  test.each(goldens.npyRefused)('$name are refused', (golden) => {
    const fix = golden.name === 'objects' ? /could run code/ : /astype/;
    expect(() => parseNpy(unpacked(golden))).toThrow(
      expect.objectContaining({ code: 'CHECKPOINT_DTYPE', fix: expect.stringMatching(fix) }),
    );
  });

  test('those of Python 2 are read, and bytes at an odd address', () => {
    const file = npy(header("'<i2'", '(2L,)'), [1, 0, 255, 255]);
    const expected = { type: 'int16', dims: [2], data: Int16Array.of(1, -1) };
    expect(parseNpy(file)).toEqual(expected);
    const shifted = new Uint8Array(file.length + 1);
    shifted.set(file, 1);
    expect(parseNpy(shifted.subarray(1))).toEqual(expected);
    expect(isNpy(file.subarray(0, 5))).toBe(false);
  });
});

describe('.npy files that are none', () => {
  const one = [0, 0, 128, 63];
  test.each<[string, string, Uint8Array]>([
    ['CHECKPOINT_HEADER', 'other magic', Uint8Array.from([...npy('')].reverse())],
    ['CHECKPOINT_HEADER', 'version 4', npy(header("'<f4'", '(1,)'), one, 4)],
    ['CHECKPOINT_TRUNCATED', 'no length', npy('').subarray(0, 8)],
    ['CHECKPOINT_TRUNCATED', 'half a length', npy('', [], 2).subarray(0, 11)],
    ['CHECKPOINT_TRUNCATED', 'a header past the end', npy(header("'<f4'", '(1,)')).subarray(0, 30)],
    ['CHECKPOINT_HEADER', 'a header of 16 MB', npy('', [], 2).fill(255, 8, 11)],
    ['CHECKPOINT_HEADER', 'no dict', npy("['descr']")],
    ['CHECKPOINT_HEADER', 'a call', npy("__import__('os').system('ls')")],
    ['CHECKPOINT_HEADER', 'an open dict', npy("{'descr': '<f4', ")],
    ['CHECKPOINT_HEADER', 'an open bracket', npy("{'descr': [[[[")],
    ['CHECKPOINT_HEADER', 'something behind the dict', npy(`${header("'<f4'", '(1,)')} x`, one)],
    ['CHECKPOINT_HEADER', 'a field twice', npy("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (1,)}", one)],
    ['CHECKPOINT_HEADER', 'a field more', npy("{'descr': '<f4', 'more': 1, 'fortran_order': False, 'shape': (1,)}", one)],
    ['CHECKPOINT_HEADER', 'no shape', npy("{'descr': '<f4', 'fortran_order': False}", one)],
    ['CHECKPOINT_HEADER', 'an order that is a number', npy(header("'<f4'", '(1,)', '1'), one)],
    ['CHECKPOINT_HEADER', 'a shape that is a list', npy(header("'<f4'", '[1]'), one)],
    ['CHECKPOINT_HEADER', 'a shape that is a number', npy(header("'<f4'", '(1)'), one)],
    ['CHECKPOINT_HEADER', 'a negative size', npy(header("'<f4'", '(-1,)'), one)],
    ['CHECKPOINT_HEADER', 'a count that overflows', npy(header("'<f4'", `(${2 ** 30}, ${2 ** 30}, 0)`), one)],
    ['CHECKPOINT_HEADER', '65 axes', npy(header("'<f4'", `(${'1,'.repeat(65)})`), one)],
    ['CHECKPOINT_DTYPE', 'an integer of 3 bytes', npy(header("'<i3'", '(1,)'), one)],
    ['CHECKPOINT_DTYPE', 'a name that every object has', npy(header("'<constructor'", '(1,)'), one)],
    ['CHECKPOINT_TRUNCATED', 'too few elements', npy(header("'<f4'", '(2,)'), one)],
    ['CHECKPOINT_TRUNCATED', '2⁴⁰ elements', npy(header("'<f4'", `(${2 ** 40},)`), one)],
    ['CHECKPOINT_OFFSETS', 'bytes left over', npy(header("'<f4'", '(1,)'), [...one, 0])],
    ['CHECKPOINT_BOOL', 'a boolean 2', npy(header("'|b1'", '(1,)'), [2])],
  ])('%s: %s', (code, _, file) => {
    expect(() => parseNpy(file)).toThrow(refusal(code));
  });

  test('what is no tensor is not written', () => {
    expect(() => serializeNpy({ type: 'float32', dims: [3], data: Float32Array.of(1) })).toThrow(refusal('CHECKPOINT_SHAPE'));
    expect(() => serializeNpy({ type: 'bool', dims: [1], data: Uint8Array.of(2) })).toThrow(refusal('CHECKPOINT_BOOL'));
  });
});

test('any tensor comes back from .npy and .npz, stored and deflated', async () => {
  const names = fc.uniqueArray(fc.string({ unit: 'grapheme' }), { maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(fc.array(tensors, { minLength: 4, maxLength: 4 }), names, fc.boolean(), async (all, keys, compress) => {
      expect(parseNpy(serializeNpy(all[0]!))).toEqual(all[0]);
      const named = new Map(keys.map((key, i) => [key, all[i]!]));
      expect(await parseNpz(await serializeNpz(named, { compress }))).toEqual(named);
    }),
    { seed: 6, numRuns: 100 },
  );
});

describe('.npz files', () => {
  test.each(goldens.npz)('numpy.$name', async ({ tensors: expected, ...golden }) => {
    expect(allSpelled(await parseNpz(unpacked(golden)))).toEqual(expected);
  });

  test('names that an archive cannot hold are not written', async () => {
    const tensor: TensorLike = { type: 'uint8', dims: [], data: Uint8Array.of(1) };
    for (const name of ['\ud800', 'x'.repeat(65_536)])
      await expect(serializeNpz(new Map([[name, tensor]]))).rejects.toThrow(refusal('CHECKPOINT_NAME'));
  });

  test('stored arrays lie at multiples of 64 bytes, so that they are no copies', async () => {
    const file = await serializeNpz(
      new Map([
        ['a', { type: 'float64', dims: [3], data: Float64Array.of(1, 2, 3) }],
        ['bc', { type: 'int64', dims: [1], data: BigInt64Array.of(1n) }],
      ]),
    );
    for (const { data } of (await parseNpz(file)).values()) {
      expect(data.buffer).toBe(file.buffer);
      expect(data.byteOffset % 64).toBe(0);
    }
  });

  const damaged = (change: (file: Uint8Array, view: DataView, directory: number) => void, name = 'savez') => {
    const file = goldenFile('npz', name);
    const view = new DataView(file.buffer);
    change(file, view, view.getUint32(file.length - 6, true));
    return parseNpz(file);
  };

  test('damaged data and directories are refused', async () => {
    await expect(damaged((file) => file.set([9], 200))).rejects.toThrow(
      refusal('CHECKPOINT_DAMAGED', /"weight.npy" does not match its checksum/),
    );
    await expect(damaged((file, _, at) => file.set([1], at + 8))).rejects.toThrow(refusal('CHECKPOINT_ARCHIVE', /encrypted/));
    await expect(damaged((file, _, at) => file.set([12], at + 10))).rejects.toThrow(refusal('CHECKPOINT_ARCHIVE', /method 12/));
    await expect(damaged((file) => file.set([0], file.length - 22))).rejects.toThrow(refusal('CHECKPOINT_ARCHIVE', /no directory/));
    await expect(damaged((_, view, at) => view.setUint32(at, 0))).rejects.toThrow(refusal('CHECKPOINT_ARCHIVE', /no entry/));
    await expect(damaged((_, view, at) => view.setUint32(at + 42, 7, true))).rejects.toThrow(refusal('CHECKPOINT_ARCHIVE', /not where/));
    await expect(damaged((_, view, at) => view.setUint32(at + 24, 5000, true))).rejects.toThrow(refusal('CHECKPOINT_ARCHIVE', /stored in/));
    await expect(damaged((file, _, at) => file.set([0x78], at + 46))).rejects.toThrow(refusal('CHECKPOINT_ARCHIVE', /another name/));
    await expect(damaged((file, _, at) => file.set([0xff], at + 46))).rejects.toThrow(refusal('CHECKPOINT_ARCHIVE', /not UTF-8/));
    await expect(damaged((file) => file.set([0xff], file.length - 12 + 1))).rejects.toThrow(
      refusal('CHECKPOINT_ARCHIVE', /claims a directory/),
    );
    await expect(damaged((file) => file.fill(0xff, 150, 170), 'savez_compressed')).rejects.toThrow(CheckpointError);
  });

  interface Entry {
    readonly name: string;
    readonly packed: Uint8Array;
    readonly size: number;
    readonly checksum?: number;
    readonly method?: number;
    /** Where its local header is, if it has none of its own. */
    readonly at?: number;
  }

  /** An archive of entries as given, not as they should be. */
  function archive(entries: readonly Entry[]): Uint8Array {
    const parts: Uint8Array[] = [];
    let length = 0;
    const add = (part: Uint8Array) => {
      parts.push(part);
      length += part.length;
    };
    const central = entries.map(({ name, packed, size, checksum = 0, method = 8, at }) => {
      const record = new Uint8Array(46 + name.length);
      const view = new DataView(record.buffer);
      view.setUint32(0, 0x02014b50, true);
      view.setUint16(10, method, true);
      view.setUint32(16, checksum, true);
      view.setUint32(20, packed.length, true);
      view.setUint32(24, size, true);
      view.setUint16(28, name.length, true);
      view.setUint32(42, at ?? length, true);
      record.set(new TextEncoder().encode(name), 46);
      if (at === undefined) {
        const local = new Uint8Array(30 + name.length);
        new DataView(local.buffer).setUint32(0, 0x04034b50, true);
        new DataView(local.buffer).setUint16(26, name.length, true);
        local.set(new TextEncoder().encode(name), 30);
        add(local);
        add(packed);
      }
      return record;
    });
    const start = length;
    for (const record of central) add(record);
    const end = new Uint8Array(22);
    const view = new DataView(end.buffer);
    view.setUint32(0, 0x06054b50, true);
    view.setUint16(10, entries.length, true);
    view.setUint32(12, length - start, true);
    view.setUint32(16, start, true);
    add(end);
    return new Uint8Array(Buffer.concat(parts));
  }
  const zeros = (size: number) => new Uint8Array(deflateRawSync(new Uint8Array(size), { level: 9 }));

  test('bombs are refused before they are unpacked', async () => {
    const packed = zeros(2 ** 24);
    const bomb = (size: number) => parseNpz(archive(Array.from({ length: 40 }, (_, i) => ({ name: `${i}.npy`, packed, size }))));
    await expect(bomb(2 ** 31)).rejects.toThrow(refusal('CHECKPOINT_ARCHIVE', /cannot make/));
    // It declares less than it unpacks to, and more.
    await expect(bomb(1000)).rejects.toThrow(refusal('CHECKPOINT_ARCHIVE', /does not unpack to the 1000 bytes/));
    await expect(bomb(2 ** 24 + 1)).rejects.toThrow(refusal('CHECKPOINT_ARCHIVE', /does not unpack/));
    // Sound arrays, each of which would be let through.
    const file = serializeNpy({ type: 'uint8', dims: [2 ** 24], data: new Uint8Array(2 ** 24) });
    const array = { packed: new Uint8Array(deflateRawSync(file)), size: file.length, checksum: crc32(file) };
    const arrays = (count: number) => archive(Array.from({ length: count }, (_, i) => ({ name: `${i}.npy`, ...array })));
    expect((await parseNpz(arrays(1))).size).toBe(1);
    await expect(parseNpz(arrays(1), { maxBytes: 2 ** 20 })).rejects.toThrow(refusal('CHECKPOINT_SIZE', /maxBytes is 1048576/));
    await expect(parseNpz(arrays(16))).rejects.toThrow(refusal('CHECKPOINT_SIZE', /maxBytes is 268435456/));
  });

  test('entries that share bytes or a name are refused', async () => {
    const packed = zeros(100);
    const good = { name: 'a.npy', packed, size: 100 };
    await expect(parseNpz(archive([good, { ...good, at: 0 }]))).rejects.toThrow(refusal('CHECKPOINT_NAME', /"a.npy" twice/));
    await expect(parseNpz(archive([good, { ...good, name: 'b.npy', at: 0 }]))).rejects.toThrow(
      refusal('CHECKPOINT_ARCHIVE', /shares bytes/),
    );
    await expect(parseNpz(archive([{ ...good, name: 'a.txt' }]))).rejects.toThrow(refusal('CHECKPOINT_ARCHIVE', /no .npy file/));
  });

  test('an error names the array', async () => {
    const file = npy(header("'<c8'", '(1,)'), new Uint8Array(8));
    const zip = archive([{ name: 'a.npy', packed: file, size: file.length, method: 0, checksum: crc32(file) }]);
    await expect(parseNpz(zip)).rejects.toThrow(refusal('CHECKPOINT_DTYPE', /^a\.npy: The array has the dtype "'<c8'"/));
  });
});
