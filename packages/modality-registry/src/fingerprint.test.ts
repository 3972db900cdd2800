import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fingerprint } from './fingerprint.js';
import { sha256 } from './sha256.js';

const original = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

describe('sha256', () => {
  test('gives the digests that FIPS 180-4 prints', () => {
    expect(sha256(['abc'])).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    expect(sha256([])).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  });

  test('agrees with OpenSSL at every length around a block, however the bytes are cut', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.array(fc.nat(300), { maxLength: 4 }), (bytes, cuts) => {
        const edges = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b), bytes.length];
        const parts = edges.slice(1).map((edge, i) => bytes.subarray(edges[i], edge));
        expect(sha256(parts)).toBe(original(bytes));
      }),
      { seed: 2, numRuns: 500 },
    );
  });

  test('counts strings as UTF-8 and views as their own bytes, not their whole buffer', () => {
    expect(sha256(['下雨天 ', '🐱'])).toBe(original(new TextEncoder().encode('下雨天 🐱')));
    const floats = new Float32Array([1, 2, 3, 4]).subarray(1, 3);
    expect(sha256([floats])).toBe(original(new Uint8Array(new Float32Array([2, 3]).buffer)));
  });
});

describe('fingerprint', () => {
  test('is the first 16 hex digits of sha256', () => {
    expect(fingerprint(['a', 'bc'])).toBe('ba7816bf8f01cfea');
  });

  test('changes with any byte of any part', () => {
    const weights = new Uint8Array(1000);
    const before = fingerprint([weights, '{}']);
    weights[999] = 1;
    expect(fingerprint([weights, '{}'])).not.toBe(before);
  });
});
