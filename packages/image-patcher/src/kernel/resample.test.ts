import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import type { Image } from '@polymodal/modality-registry';
import fc from 'fast-check';
import { goldenBytes, goldens, noise, sha256 } from '../../test/goldens.js';
import { coefficients } from '../coefficients.js';
import { filterNames } from '../filters.js';
import { type Resample, resample, resizePath } from '../resample.js';
import { resamplePlain } from '../resample-plain.js';
import { type ResizeOptions, resize, resizeWith } from '../resize.js';
import { loadKernel, makeKernel } from './instance.js';
import { resampleInKernel } from './resample.js';

/** The kernel or nothing: a silent fallback would test the other path. */
const resampleSimd: Resample = (...given) => {
  const data = resampleInKernel(loadKernel()!, ...given);
  if (!data) throw new Error('the kernel declined');
  return data;
};

/** Compared as buffers: jest walks a typed array element by element. */
function expectSameBytes(image: Image, options: ResizeOptions): void {
  const [simd, plain] = [resampleSimd, resamplePlain].map((passes) => Buffer.from(resizeWith(image, options, coefficients, passes).data));
  expect(Buffer.compare(simd!, plain!)).toBe(0);
}

describe.each([
  ['WebAssembly with SIMD', resampleSimd],
  ['plain TypeScript', resamplePlain],
])('%s against Pillow 9.4', (_, passes) => {
  test.each(goldens.resize)('$source with $filter to $toWidth×$toHeight', (row) => {
    const { width, height, channels, filter } = row;
    const options = { width: row.toWidth, height: row.toHeight, filter };
    const { data } = resizeWith({ data: goldenBytes(row.source), width, height, channels }, options, coefficients, passes);
    expect(sha256(data)).toBe(row.sha256);
  });

  test('noise of random sizes, channels, filters and boxes', () => {
    for (const { width, height, channels, seed, filter, box, ...row } of goldens.random) {
      const options = { width: row.toWidth, height: row.toHeight, filter, ...(box && { box }) };
      expect(sha256(resizeWith(noise(width, height, channels, seed), options, coefficients, passes).data)).toBe(row.sha256);
    }
  });
});

test('both paths give the same bytes for any size, channels, filter, box and window', () => {
  const side = fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 300 }));
  const part = fc.double({ min: 0, max: 1, noNaN: true });
  const parts = fc.tuple(part, part, part, part);
  fc.assert(
    fc.property(
      fc.tuple(side, side, side, side),
      fc.integer({ min: 1, max: 4 }),
      fc.constantFrom(...filterNames),
      fc.option(parts, { nil: undefined }),
      fc.option(parts, { nil: undefined }),
      fc.nat(),
      ([width, height, toWidth, toHeight], channels, filter, boxParts, windowParts, seed) => {
        const image = noise(width, height, channels, seed);
        const options = {
          width: toWidth,
          height: toHeight,
          filter,
          ...boxOf(boxParts, image),
          ...windowOf(windowParts, toWidth, toHeight),
        };
        expectSameBytes(image, options);
      },
    ),
    { seed: 5, numRuns: 250 },
  );
});

test.each([
  ['down from a photograph', noise(1000, 750, 3), { width: 298, height: 224, window: { left: 37, top: 0, width: 224, height: 224 } }],
  ['up, with more rows than a block holds', noise(37, 23, 4), { width: 1500, height: 400, alpha: 'none' as const }],
  ['so long a way down that the buffer of rows turns over often', noise(3, 5000, 1), { width: 2, height: 37, filter: 'lanczos' as const }],
  ['black and white, whose overshoot is clipped', checks(200, 120), { width: 331, height: 77, filter: 'lanczos' as const }],
])('both paths give the same bytes: %s', (_, image, options: ResizeOptions) => {
  expectSameBytes(image, options);
});

test('what the memory of the kernel cannot hold is resized in TypeScript', () => {
  const image = noise(400_000, 2, 1);
  const options = { width: 9, height: 2 };
  expect(() => resizeWith(image, options, coefficients, resampleSimd)).toThrow('the kernel declined');
  expect(resize(image, options)).toEqual(resizeWith(image, options, coefficients, resamplePlain));
  const { buffer } = loadKernel()!.memory;
  expect(buffer.byteLength).toBeLessThanOrEqual(4 * 2 ** 20);
});

test('a runtime without WebAssembly, without SIMD, or that forbids compiling has no kernel', () => {
  const { Module, Instance } = (globalThis as unknown as { WebAssembly: NonNullable<Parameters<typeof makeKernel>[0]> }).WebAssembly;
  class Forbidden {
    constructor() {
      throw new Error('violates the Content Security Policy');
    }
  }
  expect(makeKernel(undefined)).toBeNull();
  expect(makeKernel({ validate: () => false, Module, Instance })).toBeNull();
  expect(makeKernel({ validate: () => true, Module: Forbidden, Instance })).toBeNull();
});

test('this runtime has one, and says so', () => {
  expect(resizePath()).toBe('wasm-simd');
});

test('the committed kernel is what its source compiles to', () => {
  const script = fileURLToPath(new URL('../../scripts/generate-kernel.mjs', import.meta.url));
  expect(execFileSync(process.execPath, [script, '--check'], { encoding: 'utf8' })).toBe('');
});

test('a strip resized to one across is computed some columns at a time, as Pillow computes it at once', () => {
  const image = noise(1, 30_000, 3);
  const options = { width: 3000, height: 1 };
  const { data } = resizeWith(image, options, coefficients, resamplePlain);
  expect(sha256(data)).toBe('53641a2250ea360eaa29dcc786ecf422a0bb7be25249081e8aef488a012deb4a');
  expect(Buffer.compare(Buffer.from(resize(image, options).data), Buffer.from(data))).toBe(0);
});

test('what stands between the passes is bounded on both paths, so that nothing takes minutes', () => {
  const image = { data: new Uint8Array(2 ** 20), width: 1, height: 2 ** 20, channels: 1 as const };
  expect(() => resizeWith(image, { width: 400, height: 2 }, coefficients, resample)).toThrow(
    expect.objectContaining({ code: 'IMAGE_TOO_LARGE' }),
  );
});

/** Left and right, or top and bottom, from two numbers of 0…1. */
function interval(a: number, b: number, size: number): [number, number] {
  const [low, high] = [Math.min(a, b) * size, Math.max(a, b) * size].map(Math.fround) as [number, number];
  return high > low ? [low, high] : [0, size];
}

function boxOf(parts: number[] | undefined, { width, height }: { width: number; height: number }): Pick<ResizeOptions, 'box'> {
  if (!parts) return {};
  const [left, right] = interval(parts[0]!, parts[1]!, width);
  const [top, bottom] = interval(parts[2]!, parts[3]!, height);
  return { box: [left, top, right, bottom] };
}

function windowOf(parts: number[] | undefined, width: number, height: number): Pick<ResizeOptions, 'window'> {
  if (!parts) return {};
  const start = (a: number, size: number) => Math.min(size - 1, Math.floor(a * size));
  const [left, top] = [start(parts[0]!, width), start(parts[1]!, height)];
  return {
    window: { left, top, width: 1 + start(parts[2]!, width - left), height: 1 + start(parts[3]!, height - top) },
  };
}

/** Black and white pixels in turn. */
function checks(width: number, height: number) {
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => 255 * ((Math.floor(i / 3) + Math.floor(i / 3 / width)) % 2));
  return { data, width, height, channels: 3 as const };
}
