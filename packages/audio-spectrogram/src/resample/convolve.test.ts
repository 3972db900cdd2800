import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { noise } from '../../test/noise.js';
import type { WebAssemblyLike } from '../wasm.js';
import { bankOf } from './bank.js';
import { resamplePath } from './convolve.js';
import { convolveSimd } from './convolve-simd.js';
import { loadKernel, makeKernel } from './kernel.js';
import { planOf, type ResampleOptions } from './options.js';
import { resampleWith } from './resample.js';

function expectSameBytes(from: number, to: number, options: ResampleOptions, data: Float32Array): void {
  const { filter, padValue } = planOf(from, to, options)!;
  const [simd, plain] = [loadKernel(), null].map((kernel) => resampleWith({ data, sampleRate: from }, filter, padValue, options, kernel));
  expect(Buffer.compare(Buffer.from(simd!.buffer), Buffer.from(plain!.buffer))).toBe(0);
}

test('the kernel and TypeScript give the same bytes for any rates, lengths and options', () => {
  const rate = fc.oneof(fc.integer({ min: 1, max: 500 }), fc.constantFrom(8000, 11_025, 16_000, 44_100, 48_000, 96_000, 4411));
  const method = fc.constantFrom<ResampleOptions>({}, { lowpassFilterWidth: 13, rolloff: 0.7 }, { method: 'polyphase', padValue: -0.5 });
  fc.assert(
    fc.property(rate, rate, method, fc.nat({ max: 3000 }), fc.nat(), (from, to, options, length, seed) => {
      fc.pre(from !== to && (length * to) / from < 200_000);
      expectSameBytes(from, to, options, noise(length, seed + 1));
    }),
    { seed: 4, numRuns: 150 },
  );
});

test.each([
  ['more than one chunk of samples', 44_100, 16_000, 200_000],
  ['more than one chunk of outputs', 1, 3000, 50],
  ['a bank of most of the memory', 44_100.5, 32_000, 60_000],
])('both give the same bytes: %s', (_, from, to, length) => {
  expectSameBytes(from, to, {}, noise(length));
});

test('what the memory of the kernel cannot hold is summed in TypeScript', () => {
  const loaded = loadKernel()!;
  const declined = (from: number, to: number) => {
    const { filter } = planOf(from, to, {})!;
    return convolveSimd(filter, bankOf(filter)!, loaded) === undefined;
  };
  expect(declined(110_001, 110_000)).toBe(false);
  expect(declined(200_003, 200_000)).toBe(true);
  expect(declined(2000, 1)).toBe(true);
  expect(loaded.kernel.memory.buffer.byteLength).toBeLessThanOrEqual(8 * 2 ** 20);
});

test('a runtime without WebAssembly, without SIMD, or that forbids compiling has no kernel', () => {
  const { Module, Instance } = (globalThis as unknown as { WebAssembly: WebAssemblyLike }).WebAssembly;
  class Forbidden {
    constructor() {
      throw new Error('violates the Content Security Policy');
    }
  }
  expect(makeKernel({ validate: () => false, Module, Instance })).toBeNull();
  expect(makeKernel({ validate: () => true, Module: Forbidden, Instance })).toBeNull();
});

test('this runtime has one, and says so', () => {
  expect(resamplePath()).toBe('wasm-simd');
});
