import { beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { crc32 } from './crc32.js';
import { RetrievalError } from './errors.js';
import { flatIndex } from './flat-index.js';
import { parseIndex, serializeIndex } from './index-file.js';

const space = { name: 'emoji-clip-v1', fingerprint: '0123456789abcdef' };
let bytes: Uint8Array;

beforeAll(async () => {
  const index = flatIndex({ space, width: 3 });
  await index.add([
    { id: 'a.png', vector: Float32Array.of(1, 2, 3), metadata: { path: '/图片/a.png', size: 12, broken: false, note: null } },
    { id: '下雨天.png', vector: Float32Array.of(-1, 0, 1) },
  ]);
  bytes = serializeIndex(index.snapshot());
});

const errorOf = (data: Uint8Array, options?: Parameters<typeof parseIndex>[1]): RetrievalError => {
  try {
    parseIndex(data, options);
  } catch (error) {
    if (error instanceof RetrievalError) return error;
    throw error;
  }
  throw new Error('parsed');
};
/** The file again, with a checksum that fits: what a hostile writer would send. */
const sealed = (data: Uint8Array) => {
  const out = data.slice();
  new DataView(out.buffer).setUint32(out.length - 4, crc32(out.subarray(0, -4)), true);
  return out;
};
const withHeader = (header: unknown, vectors = new Float32Array(0)) => {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const start = Math.ceil((16 + json.length) / 4) * 4;
  const out = new Uint8Array(start + vectors.byteLength + 4);
  out.set(bytes.subarray(0, 12));
  new DataView(out.buffer).setUint32(12, json.length, true);
  out.set(json, 16);
  out.set(new Uint8Array(vectors.buffer), start);
  return sealed(out);
};

test('what is written reads back the same, from any alignment', () => {
  const shifted = new Uint8Array(bytes.length + 1);
  shifted.set(bytes, 1);
  const snapshot = parseIndex(shifted.subarray(1), { space, width: 3 });
  expect(snapshot.space).toEqual(space);
  expect(snapshot.items).toEqual([
    { id: 'a.png', metadata: { path: '/图片/a.png', size: 12, broken: false, note: null } },
    { id: '下雨天.png', metadata: {} },
  ]);
  expect(serializeIndex(flatIndex(snapshot).snapshot())).toEqual(bytes);
});

test('an index of any ids and metadata makes the round trip', async () => {
  const metadata = fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.boolean(), fc.constant(null), fc.integer()));
  const items = fc.uniqueArray(fc.record({ id: fc.string({ minLength: 1, unit: 'grapheme' }), metadata }), { selector: ({ id }) => id });
  await fc.assert(
    fc.asyncProperty(items, fc.integer({ min: 1, max: 5 }), async (list, width) => {
      const index = flatIndex({ space, width });
      await index.add(list.map((item, i) => ({ ...item, vector: new Float32Array(width).fill(i + 1) })));
      const { items: read, vectors } = parseIndex(serializeIndex(index.snapshot()));
      expect(read.map((item) => JSON.stringify(item))).toEqual(index.snapshot().items.map((item) => JSON.stringify(item)));
      expect(vectors).toEqual(index.snapshot().vectors.slice());
    }),
    { seed: 4 },
  );
});

describe('refuses', () => {
  test('vectors of another space, naming both', () => {
    const error = errorOf(bytes, { space: { name: 'other-clip', fingerprint: 'ffffffffffffffff' }, name: 'pictures.index' });
    expect(error.code).toBe('SPACE_MISMATCH');
    expect(error.message).toBe(
      "pictures.index is in space 'emoji-clip-v1' (0123456789abcdef), but 'other-clip' (ffffffffffffffff) was expected: their vectors cannot be compared. Index again with this model, or search with the other one.",
    );
  });

  test('another width', () => {
    expect(errorOf(bytes, { width: 4 }).code).toBe('INDEX_WIDTH');
  });

  test('a flipped bit, wherever it is', () => {
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = bytes.slice();
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      expect(errorOf(flipped).fix).toMatch(/index again|Update/i);
    }
  });

  test('a file cut short or grown, at every length', () => {
    for (let length = 0; length < bytes.length; length++) expect(errorOf(bytes.subarray(0, length)).code).toMatch(/^INDEX_/);
    expect(errorOf(Uint8Array.of(...bytes, 0)).code).toBe('INDEX_DAMAGED');
  });

  test('a later version of the format', () => {
    const later = bytes.slice();
    later[8] = 2;
    expect(errorOf(sealed(later)).code).toBe('INDEX_VERSION');
  });

  test('hostile lengths, without allocating for them', () => {
    const long = bytes.slice();
    new DataView(long.buffer).setUint32(12, 0xffffffff, true);
    expect(errorOf(sealed(long)).code).toBe('INDEX_DAMAGED');
    const claims = [
      { width: 65_536, count: 2 ** 40, items: [] },
      { width: 65_536, count: 1, items: [['a', {}]] },
      { width: 2 ** 31, count: 0, items: [] },
      { width: -1, count: 0, items: [] },
      { width: 3, count: 1e308, items: [] },
    ];
    for (const claim of claims) expect(errorOf(withHeader({ space, ...claim })).code).toBe('INDEX_DAMAGED');
  });

  test('malformed headers under a good checksum', () => {
    const good = { space, width: 1, count: 1, items: [['a', {}]] };
    expect(parseIndex(withHeader(good, Float32Array.of(1))).items).toHaveLength(1);
    const bad: unknown[] = [
      '',
      'null',
      '[]',
      '{',
      '\u0000',
      '['.repeat(100_000),
      { ...good, space: undefined },
      { ...good, space: { name: 1, fingerprint: 'x' } },
      { ...good, items: {} },
      { ...good, items: [] },
      { ...good, items: [['', {}]] },
      { ...good, items: [[1, {}]] },
      { ...good, items: ['a'] },
      { ...good, items: [['a']] },
      { ...good, items: [['a', []]] },
      { ...good, items: [['a', { x: {} }]] },
      {
        ...good,
        count: 2,
        items: [
          ['a', {}],
          ['a', {}],
        ],
      },
    ];
    for (const header of bad) expect(errorOf(withHeader(header, Float32Array.of(1))).code).toBe('INDEX_DAMAGED');
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, 0, 2])
      expect(errorOf(withHeader(good, Float32Array.of(value))).code).toBe('INDEX_DAMAGED');
  });
});

test('2,000 random mutations, with and without a repaired checksum, read as a sound index or a RetrievalError', () => {
  let state = 20_26;
  const random = (n: number) => {
    state = (state * 48271) % 2147483647;
    return state % n;
  };
  let refused = 0;
  for (let i = 0; i < 2000; i++) {
    let mutated = bytes.slice(0, random(4) === 0 ? 1 + random(bytes.length) : bytes.length);
    for (let n = 1 + random(4); n > 0; n--) mutated[random(4) === 0 ? 8 + random(8) : random(mutated.length)] = random(256);
    if (random(8) === 0) mutated = Uint8Array.of(...mutated, ...mutated.subarray(random(mutated.length)));
    const repaired = i % 2 === 0 && mutated.length > 20;
    if (repaired) mutated = sealed(mutated);
    try {
      const { items, vectors, width } = parseIndex(mutated);
      expect(repaired || Buffer.from(mutated).equals(bytes)).toBe(true);
      expect(vectors).toHaveLength(items.length * width);
    } catch (error) {
      if (!(error instanceof RetrievalError)) throw error;
      refused++;
    }
  }
  expect(refused).toBeGreaterThan(1000);
});
