import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { noise } from '../../test/noise.js';
import { enginePath, frameEngine } from '../engine/engine.js';
import { plainEngine } from '../engine/engine-plain.js';
import type { LogRecipe, Recipe, SparseFilters } from '../engine/recipe.js';
import { instantiate, type WebAssemblyLike } from '../wasm.js';
import { windowFunction } from '../window.js';
import { kernelHex } from './generated.js';
import { loadKernel } from './instance.js';
import { kernelEngine } from './kernel-engine.js';

type Samples = Float32Array | Float64Array;

/** Values [bins, frames] by the kernel, which must not decline: a silent fallback would test the other path. */
function inKernel(recipe: Recipe, samples: Samples, frames: number, start = 0): Float32Array {
  const engine = kernelEngine(loadKernel()!, recipe);
  if (!engine) throw new Error('the kernel declined');
  return valuesOf(engine, samples, frames, start);
}

function valuesOf(engine: ReturnType<typeof plainEngine>, samples: Samples, frames: number, start = 0): Float32Array {
  const out = new Float32Array(engine.bins * frames);
  engine.run(samples, start, frames, out, 0, frames);
  return out;
}

/** Compared as bytes: NaN equals NaN, and 0 is not -0. */
function expectSameBytes(a: Float32Array, b: Float32Array): void {
  expect(Buffer.compare(Buffer.from(a.buffer), Buffer.from(b.buffer))).toBe(0);
}

/** Filters at random places, of random lengths from 0 on. */
function randomFilters(count: number, bins: number, seed: number): SparseFilters {
  const random = noise(3 * count + 1, seed).map((x) => (x + 1) / 2);
  const starts = Int32Array.from({ length: count }, (_, f) => Math.floor(random[f]! * bins));
  const lengths = starts.map((start, f) => Math.floor(random[count + f]! * Math.min(20, bins - start + 1)));
  const total = lengths.reduce((sum, length) => sum + length, 0);
  return { count, starts, lengths, weights: Float64Array.from(noise(total, seed + 1), Math.abs) };
}

/** Even lengths whose halves have no prime factor above 5. */
const kernelLengths = [2, 4, 6, 8, 10, 12, 16, 20, 24, 30, 32, 50, 64, 80, 90, 120, 128, 150, 160, 180, 200, 240, 256, 300, 320];
const usualLengths = [400, 480, 512, 600, 640, 800, 960, 1000, 1024, 1200, 1920, 2048, 4096];

const logs: fc.Arbitrary<LogRecipe | undefined> = fc.option(
  fc.record({
    base: fc.constantFrom('e' as const, '10' as const),
    floor: fc.constantFrom(0, 1e-10, 2 ** -23, 1e-6, 1, 5e-324),
    how: fc.constantFrom('max' as const, 'add' as const),
  }),
  { nil: undefined },
);

test('both paths give the same bytes for any length, hop, window, power, filters, logarithm and number of frames', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...kernelLengths, ...usualLengths),
      fc.integer({ min: 1, max: 700 }),
      fc.constantFrom('hann' as const, 'povey' as const, 'rectangular' as const),
      fc.constantFrom(1 as const, 2 as const),
      fc.option(fc.integer({ min: 1, max: 90 }), { nil: undefined }),
      logs,
      fc.integer({ min: 1, max: 9 }),
      fc.constantFrom(1, 1e-4, 1e-12, 1e-30, 1e6),
      fc.boolean(),
      fc.nat({ max: 1000 }),
      (fftLength, hop, name, power, count, log, frames, level, wide, seed) => {
        const filters = count === undefined ? undefined : randomFilters(count, fftLength / 2 + 1, seed);
        const recipe = { fftLength, hop, window: windowFunction(name, fftLength), power, filters, log };
        const loud = noise(fftLength + (frames - 1) * hop + 3, seed).map((x) => x * level);
        const samples = wide ? Float64Array.from(loud, (x, i) => x * (1 + i * 2 ** -40)) : loud;
        expectSameBytes(inKernel(recipe, samples, frames, 3), valuesOf(plainEngine(recipe), samples, frames, 3));
      },
    ),
    { seed: 7, numRuns: 400 },
  );
});

const whisper: Recipe = {
  fftLength: 400,
  hop: 160,
  window: windowFunction('hann', 400),
  power: 2,
  filters: randomFilters(80, 201, 5),
  log: { base: '10', floor: 1e-10, how: 'max' },
};

describe('a frame does not depend on others', () => {
  const samples = noise(400 + 160 * 699, 11);
  const whole = inKernel(whisper, samples, 700);

  test('of its pair, of its block, or of how many there are', () => {
    for (const [first, frames] of [
      [0, 1],
      [1, 1],
      [1, 2],
      [254, 5],
      [255, 300],
      [697, 3],
    ] as const) {
      const some = inKernel(whisper, samples, frames, first * 160);
      const expected = Float32Array.from(some, (_, i) => whole[Math.floor(i / frames) * 700 + first + (i % frames)]!);
      expectSameBytes(some, expected);
    }
  });

  test('of engines that ran in between', () => {
    const [a, b] = [
      frameEngine(whisper),
      frameEngine({ ...whisper, fftLength: 512, window: windowFunction('hann', 512), filters: undefined }),
    ];
    for (let i = 0; i < 2; i++) {
      expectSameBytes(valuesOf(a, samples, 700), whole);
      valuesOf(b, samples, 20);
    }
  });

  test('of what overflows beside it', () => {
    const wide = Float64Array.from(samples.subarray(0, 720));
    wide.fill(1e300, 400, 720);
    const [alone, beside] = [inKernel(whisper, wide, 1), inKernel({ ...whisper, hop: 320 }, wide, 2)];
    expectSameBytes(
      beside.filter((_, i) => i % 2 === 0),
      alone,
    );
  });
});

test.each<[string, Samples]>([
  ['silence', new Float32Array(560)],
  ['the largest float32', new Float32Array(560).fill(3.4e38)],
  ['the smallest float32', new Float32Array(560).fill(1e-45)],
  ['the smallest float64', new Float64Array(560).fill(5e-324)],
])('both paths give the same bytes of %s', (_, samples) => {
  for (const log of [undefined, whisper.log, { base: 'e' as const, floor: 0, how: 'max' as const }]) {
    for (const power of [1, 2] as const) {
      const recipe = { ...whisper, log, power };
      expectSameBytes(inKernel(recipe, samples, 2), valuesOf(plainEngine(recipe), samples, 2));
    }
  }
});

test.each([1, 7, 25, 14, 22, 882, 2 ** 17])('a length of %i runs in TypeScript', (fftLength) => {
  const recipe: Recipe = { fftLength, hop: 1, window: windowFunction('hann', fftLength), power: 2 };
  expect(kernelEngine(loadKernel()!, recipe)).toBeUndefined();
  const samples = noise(fftLength + 1, 3);
  expectSameBytes(valuesOf(frameEngine(recipe), samples, 2), valuesOf(plainEngine(recipe), samples, 2));
});

test('so does a hop too large for its memory, which is small and of one size', () => {
  const recipe = { ...whisper, hop: 100_000 };
  expect(kernelEngine(loadKernel()!, recipe)).toBeUndefined();
  const samples = noise(100_400, 3);
  expectSameBytes(valuesOf(frameEngine(recipe), samples, 2), valuesOf(plainEngine(recipe), samples, 2));
  expect(loadKernel()!.memory.buffer.byteLength).toBe(2 ** 20);
});

test('a runtime without SIMD, or that forbids compiling, has no kernel', () => {
  const { Module, Instance } = (globalThis as unknown as { WebAssembly: WebAssemblyLike }).WebAssembly;
  class Forbidden {
    constructor() {
      throw new Error('violates the Content Security Policy');
    }
  }
  expect(instantiate(kernelHex, { validate: () => false, Module, Instance })).toBeNull();
  expect(instantiate(kernelHex, { validate: () => true, Module: Forbidden, Instance })).toBeNull();
});

test('this runtime has one, and says so', () => {
  expect(enginePath()).toBe('wasm-simd');
});

test('the committed kernel is what its source compiles to', () => {
  const script = fileURLToPath(new URL('../../scripts/generate-kernel.mjs', import.meta.url));
  expect(execFileSync(process.execPath, [script, '--check'], { encoding: 'utf8' })).toBe('');
});
