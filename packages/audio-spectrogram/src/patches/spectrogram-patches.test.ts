import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { spectrogramPatches } from './spectrogram-patches.js';

const ramp = (rows: number, columns: number) => ({
  type: 'float32' as const,
  dims: [rows, columns],
  data: Float32Array.from({ length: rows * columns }, (_, i) => i),
});

describe('spectrogramPatches', () => {
  test("AST's grid: 12 × 101 patches of 128 bins and 1,024 frames", () => {
    const { values, grid } = spectrogramPatches(ramp(128, 1024));
    expect(grid).toEqual([1, 12, 101]);
    expect(values.dims).toEqual([1, 1212, 256]);
  });

  test('patches come row by row, their values frequency by frequency', () => {
    const { values, grid } = spectrogramPatches(ramp(3, 5), { patchSize: { frequency: 2, time: 2 }, stride: { frequency: 1, time: 3 } });
    expect(grid).toEqual([1, 2, 2]);
    expect([...values.data]).toEqual([0, 1, 5, 6, 3, 4, 8, 9, 5, 6, 10, 11, 8, 9, 13, 14]);
  });

  test('a patch times weights is what a convolution gives, whatever the layout', () => {
    const side = fc.integer({ min: 1, max: 5 });
    fc.assert(
      fc.property(side, side, side, side, fc.nat(9), fc.nat(9), (pf, pt, sf, st, moreBins, moreFrames) => {
        const [bins, frames] = [pf + moreBins, pt + moreFrames];
        const spectrogram = ramp(bins, frames);
        const turned = {
          ...ramp(frames, bins),
          data: Float32Array.from({ length: bins * frames }, (_, i) => (i % bins) * frames + Math.floor(i / bins)),
        };
        const options = { patchSize: { frequency: pf, time: pt }, stride: { frequency: sf, time: st } };
        const { values, grid } = spectrogramPatches(spectrogram, options);
        expect(spectrogramPatches(turned, { ...options, layout: 'frames-first' }).values).toEqual(values);
        const weight = (f: number, t: number) => f * 10 + t + 1;
        for (let row = 0; row < grid[1]; row++) {
          for (let column = 0; column < grid[2]; column++) {
            const patch = values.data.subarray((row * grid[2] + column) * pf * pt, (row * grid[2] + column + 1) * pf * pt);
            let convolved = 0;
            let joined = 0;
            for (let f = 0; f < pf; f++) {
              for (let t = 0; t < pt; t++) {
                convolved += weight(f, t) * spectrogram.data[(row * sf + f) * frames + column * st + t]!;
                joined += weight(f, t) * patch[f * pt + t]!;
              }
            }
            expect(joined).toBe(convolved);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  test('takes a batch of one, as processors give it', () => {
    const one = ramp(20, 30);
    expect(spectrogramPatches({ ...one, dims: [1, 20, 30] })).toEqual(spectrogramPatches(one));
  });

  test.each([
    [ramp(15, 100), {}, 'AUDIO_SPECTROGRAM'],
    [ramp(0, 0), {}, 'AUDIO_SPECTROGRAM'],
    [{ ...ramp(4, 4), dims: [4, 5] }, { patchSize: 2 }, 'AUDIO_SPECTROGRAM'],
    [{ ...ramp(4, 4), dims: [2, 2, 4] }, { patchSize: 2 }, 'AUDIO_SPECTROGRAM'],
    [undefined, {}, 'AUDIO_SPECTROGRAM'],
    [ramp(1000, 1000), { patchSize: 500, stride: 1 }, 'AUDIO_TOO_LARGE'],
    [ramp(20, 20), null, 'AUDIO_OPTION'],
    [ramp(20, 20), { patchSize: 0 }, 'AUDIO_OPTION'],
    [ramp(20, 20), { patchSize: 2.5 }, 'AUDIO_OPTION'],
    [ramp(20, 20), { stride: { frequency: 1, time: Number.NaN } }, 'AUDIO_OPTION'],
    [ramp(20, 20), { patchSize: null }, 'AUDIO_OPTION'],
    [ramp(20, 20), { layout: 'sideways' }, 'AUDIO_OPTION'],
  ])('refuses what cannot be cut: %#', (spectrogram, options, code) => {
    expect(() => spectrogramPatches(spectrogram as never, options as never)).toThrow(expect.objectContaining({ code }));
  });
});
