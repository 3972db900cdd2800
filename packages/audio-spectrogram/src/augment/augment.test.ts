import { describe, expect, test } from '@jest/globals';
import { sha256 } from '@polymodal/modality-registry';
import fc from 'fast-check';
import { augmentAudio } from './augment-audio.js';
import { decibelsToGain } from './decibels.js';
import { specAugment } from './spec-augment.js';
import { addNoise, randomGain, randomTimeShift } from './steps.js';

const tone = (length = 4000, sampleRate = 8000) => ({
  data: Float32Array.from({ length }, (_, i) => 0.4 * Math.fround(((i * 37) % 101) / 50 - 1)),
  sampleRate,
});
const energy = (data: ArrayLike<number>) => Array.from(data).reduce((sum, x) => sum + x * x, 0);
const seeds = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const code = (name: string) => expect.objectContaining({ code: name });
const hash = ({ data }: { data: Float32Array }) => sha256([data]);

test('decibels are amplitudes', () => {
  for (const decibels of [0, 6, -6, 20, -20, 3.3, -77.7, 200, -200]) {
    expect(decibelsToGain(decibels) / 10 ** (decibels / 20)).toBeCloseTo(1, 13);
  }
});

describe('augmentAudio', () => {
  const whole = augmentAudio(randomTimeShift({ seconds: 0.1, fill: 'wrap' }), randomGain(), addNoise());

  test('one seed, one sound; other seeds, others; the given one unchanged', () => {
    const audio = tone();
    const before = audio.data.slice();
    expect(hash(whole(audio, 7))).toEqual(hash(whole(audio, 7)));
    expect(hash(whole(audio, 7))).not.toEqual(hash(whole(audio, 8)));
    expect(audio.data).toEqual(before);
  });

  test('a step draws from a stream of its own', () => {
    const silent = randomGain([0, 0]);
    expect(augmentAudio(silent, randomGain())(tone(), 3)).not.toEqual(augmentAudio(randomGain(), silent)(tone(), 3));
    expect(augmentAudio(randomTimeShift({ seconds: 0 }), randomGain())(tone(), 3)).toEqual(augmentAudio(silent, randomGain())(tone(), 3));
  });

  test('empty sounds and single samples pass', () => {
    for (const length of [0, 1]) expect(whole(tone(length), 5).data).toHaveLength(length);
  });

  test.each([[-1], [0.5], [Number.NaN], [2 ** 53], ['1'], [undefined]])('a seed of %p is refused', (seed) => {
    expect(() => whole(tone(), seed as never)).toThrow(code('AUDIO_OPTION'));
  });

  test('what is no step and no sound is refused', () => {
    expect(() => augmentAudio('gain' as never)).toThrow(code('AUDIO_OPTION'));
    expect(() => whole({ data: new Float32Array(3), sampleRate: 0 }, 1)).toThrow(code('AUDIO_SAMPLE_RATE'));
    expect(() => whole({ data: Float32Array.of(Number.NaN), sampleRate: 1 }, 1)).toThrow(code('AUDIO_NOT_FINITE'));
  });
});

test('a gain is within its range', () => {
  const step = augmentAudio(randomGain([-10, -4]));
  fc.assert(
    fc.property(seeds, (seed) => {
      const decibels = 10 * Math.log10(energy(step(tone(200), seed).data) / energy(tone(200).data));
      expect(decibels).toBeGreaterThanOrEqual(-10.001);
      expect(decibels).toBeLessThanOrEqual(-3.999);
    }),
  );
});

describe('randomTimeShift', () => {
  test('wrapping keeps every sample, silence keeps those that stay', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 1, max: 60 }), fc.constantFrom('wrap' as const, 'silence' as const), (seed, length, fill) => {
        const audio = { data: Float32Array.from({ length }, (_, i) => i + 1).map((x) => x / 100), sampleRate: 10 };
        const moved = augmentAudio(randomTimeShift({ seconds: 2, fill }))(audio, seed).data;
        const kept = [...moved].filter((x) => x !== 0);
        if (fill === 'wrap') expect(kept.sort((a, b) => a - b)).toEqual([...audio.data]);
        else expect(kept.every((x, i) => i === 0 || Math.round((x - kept[i - 1]!) * 100) === 1)).toBe(true);
        expect(moved).toHaveLength(length);
      }),
    );
  });
});

describe('addNoise', () => {
  test.each([[undefined], [[tone(301), tone(50)]]])('the ratio is what was drawn: noises %#', (noises) => {
    const audio = tone(3000);
    const options = noises === undefined ? {} : { noises };
    for (const snr of [-5, 0, 12, 40]) {
      const noisy = augmentAudio(addNoise({ snr: [snr, snr], ...options }))(audio, 11);
      const noise = noisy.data.map((x, i) => x - audio.data[i]!);
      expect(10 * Math.log10(energy(audio.data) / energy(noise))).toBeCloseTo(snr, 2);
    }
  });

  test('silence has no ratio and stays silent', () => {
    const silence = { data: new Float32Array(100), sampleRate: 8000 };
    expect(augmentAudio(addNoise())(silence, 1).data).toEqual(silence.data);
    expect(augmentAudio(addNoise({ noises: [silence] }))(tone(), 1).data).toEqual(tone().data);
  });

  test('a noise at another rate names the remedy', () => {
    expect(() => augmentAudio(addNoise({ noises: [tone(10, 16_000)] }))(tone(), 1)).toThrow(/resample\(noise, 8000\)/);
  });
});

test.each([
  () => randomGain([3, -3]),
  () => randomGain([0, 1000]),
  () => randomGain(6 as never),
  () => addNoise({ snr: [Number.NaN, 3] }),
  () => addNoise({ noises: [] }),
  () => addNoise({ noises: [tone(0)] }),
  () => addNoise(null as never),
  () => randomGain(['1', '2'] as never),
  () => randomTimeShift(null as never),
  () => randomTimeShift({ seconds: -1 }),
  () => randomTimeShift({ fill: 'mirror' as never }),
  () => specAugment(null as never),
  () => specAugment({ timeMasks: 2 ** 24 }),
  () => specAugment({ layout: 'sideways' as never }),
  () => specAugment({ frequencyMasks: -1 }),
  () => specAugment({ timeWidth: 1.5 }),
  () => specAugment({ timeRatio: 2 }),
  () => specAugment({ fill: Number.NaN }),
])('an option that cannot be meant is refused: %#', (make) => {
  expect(make).toThrow(code('AUDIO_OPTION'));
});

test('a noise that is no sound is refused', () => {
  expect(() => addNoise({ noises: [null as never] })).toThrow(code('AUDIO_SIGNAL'));
});

describe('specAugment', () => {
  const ramp = (bins: number, frames: number) => ({
    type: 'float32' as const,
    dims: [bins, frames],
    data: Float32Array.from({ length: bins * frames }, (_, i) => 1 + (i % frames)),
  });

  test('masks whole lines, no wider than asked, with the fill', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 30 }), (seed, bins, frames) => {
        const { data } = specAugment({ frequencyMasks: 1, frequencyWidth: 4, timeMasks: 1, timeWidth: 5, timeRatio: 0.5, fill: -7 })(
          ramp(bins, frames),
          seed,
        );
        const masked = (b: number, i: number) => data[b * frames + i] === -7;
        const rows = [...Array(bins).keys()].filter((b) => [...Array(frames).keys()].every((i) => masked(b, i)));
        const columns = [...Array(frames).keys()].filter((i) => [...Array(bins).keys()].every((b) => masked(b, i)));
        if (rows.length < bins) expect(columns.length).toBeLessThanOrEqual(Math.min(5, Math.floor(frames / 2)));
        if (columns.length < frames) expect(rows.length).toBeLessThanOrEqual(4);
        for (let b = 0; b < bins; b++) {
          for (let i = 0; i < frames; i++) expect(data[b * frames + i]).toBe(rows.includes(b) || columns.includes(i) ? -7 : 1 + i);
        }
      }),
    );
  });

  test('every place is masked at some time, the edges too', () => {
    const step = specAugment({ frequencyMasks: 0, timeMasks: 1, timeWidth: 3, fill: 0 });
    const hit = new Set<number>();
    for (let seed = 0; seed < 400; seed++) for (const [i, x] of step(ramp(1, 12), seed).data.entries()) if (x === 0) hit.add(i);
    expect(hit.size).toBe(12);
  });

  test('a warp keeps the ends and the order', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 1, max: 80 }), fc.integer({ min: 1, max: 100 }), (seed, frames, timeWarp) => {
        const { data } = specAugment({ frequencyMasks: 0, timeMasks: 0, timeWarp })(ramp(1, frames), seed);
        expect([data[0], data[frames - 1]]).toEqual([1, frames]);
        expect(data.every((x, i) => i === 0 || x >= data[i - 1]!)).toBe(true);
      }),
    );
    expect(specAugment({ frequencyMasks: 0, timeMasks: 0, timeWarp: 20 })(ramp(1, 100), 5).data).not.toEqual(ramp(1, 100).data);
  });

  test('the mean stands where nothing was, in either layout, and the input is unchanged', () => {
    const spectrogram = ramp(6, 40);
    const before = spectrogram.data.slice();
    const turned = {
      ...spectrogram,
      dims: [40, 6],
      data: Float32Array.from({ length: 240 }, (_, i) => spectrogram.data[(i % 6) * 40 + Math.floor(i / 6)]!),
    };
    const options = { frequencyWidth: 3, timeWidth: 9, timeWarp: 5 };
    const one = specAugment(options)(spectrogram, 9);
    const other = specAugment({ ...options, layout: 'frames-first' })(turned, 9);
    expect(other.dims).toEqual([40, 6]);
    expect(one.data).toEqual(Float32Array.from({ length: 240 }, (_, i) => other.data[(i % 40) * 6 + Math.floor(i / 40)]!));
    expect(spectrogram.data).toEqual(before);
    const mean = specAugment({ frequencyWidth: 6, frequencyMasks: 40, timeMasks: 0 })(spectrogram, 1);
    expect(new Set(mean.data)).toEqual(new Set([20.5]));
  });

  test('a batch of one stays one', () => {
    const one = ramp(6, 40);
    const { dims, data } = specAugment()({ ...one, dims: [1, 6, 40] }, 3);
    expect(dims).toEqual([1, 6, 40]);
    expect(data).toEqual(specAugment()(one, 3).data);
  });

  test('an empty spectrogram stays empty', () => {
    expect(specAugment({ timeWarp: 3 })({ type: 'float32', dims: [80, 0], data: new Float32Array(0) }, 1).dims).toEqual([80, 0]);
  });
});
