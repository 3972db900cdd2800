import { crc32 as zlibCrc32 } from 'node:zlib';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { crc32 } from './crc32.js';

test('gives the check value of the catalogue of CRC algorithms', () => {
  expect(crc32(new TextEncoder().encode('123456789'))).toBe(0xcbf43926);
});

test('equals zlib on any bytes, at any length and alignment', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(8), (bytes, start) => {
      const part = bytes.subarray(start);
      expect(crc32(part)).toBe(zlibCrc32(part));
    }),
    { seed: 1 },
  );
});
