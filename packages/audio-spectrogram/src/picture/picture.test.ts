import { inflateSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import sharp from 'sharp';
import { levelsOf } from './levels.js';
import { palettePng } from './palette-png.js';
import { spectrogramImage } from './spectrogram-image.js';
import { spectrogramSvg } from './spectrogram-svg.js';
import { frequencyTicks, roundTicks } from './ticks.js';

const tensor = (bins: number, frames: number, data: readonly number[] = Array.from({ length: bins * frames }, (_, i) => i)) => ({
  type: 'float32' as const,
  dims: [bins, frames],
  data: Float32Array.from(data),
});
const code = (name: string) => expect.objectContaining({ code: name });
const greys = [
  [0, 0, 0],
  [255, 255, 255],
];

describe('spectrogramImage', () => {
  test('the lowest bin is the last row, the loudest value the last colour', () => {
    const { data, width, height } = spectrogramImage(tensor(2, 3, [0, 1, 2, 3, 4, 5]), { colors: greys });
    expect([width, height]).toEqual([3, 2]);
    expect([...data].filter((_, i) => i % 3 === 0)).toEqual([153, 204, 255, 0, 51, 102]);
  });

  test('the layout changes nothing that is seen', () => {
    const turned = tensor(3, 2, [0, 3, 1, 4, 2, 5]);
    expect(spectrogramImage(turned, { layout: 'frames-first' })).toEqual(spectrogramImage(tensor(2, 3)));
  });

  test('a range cuts off; what is not finite is silent; a constant is dark', () => {
    const red = (values: readonly number[], range?: readonly [number, number]) =>
      [...spectrogramImage(tensor(1, values.length, values), { colors: greys, ...(range && { range }) }).data].filter(
        (_, i) => i % 3 === 0,
      );
    expect(red([-9, 0, 5, 10, 99], [0, 10])).toEqual([0, 0, 128, 255, 255]);
    expect(red([Number.NEGATIVE_INFINITY, Number.NaN, -1, 1, Number.POSITIVE_INFINITY])).toEqual([0, 0, 0, 255, 255]);
    expect(red([7, 7])).toEqual([0, 0]);
    expect(red([Number.NaN])).toEqual([0]);
  });

  test.each([
    [tensor(0, 5), {}, 'AUDIO_SPECTROGRAM'],
    [tensor(5, 0), {}, 'AUDIO_SPECTROGRAM'],
    [{ ...tensor(2, 2), type: 'float64' }, {}, 'AUDIO_SPECTROGRAM'],
    [tensor(2, 2), { range: [1, 0] }, 'AUDIO_OPTION'],
    [tensor(2, 2), { colors: [[0, 0, 0]] }, 'AUDIO_OPTION'],
    [
      tensor(2, 2),
      {
        colors: [
          [0, 0],
          [1, 1, 1],
        ],
      },
      'AUDIO_OPTION',
    ],
  ])('refuses what cannot be drawn: %#', (spectrogram, options, name) => {
    expect(() => spectrogramImage(spectrogram as never, options as never)).toThrow(code(name));
  });
});

test('the PNG decodes to the picture, in any size', async () => {
  for (const [bins, frames] of [
    [1, 1],
    [3, 70_000],
    [80, 300],
  ] as const) {
    const spectrogram = tensor(
      bins,
      frames,
      Array.from({ length: bins * frames }, (_, i) => (i * 31) % 97),
    );
    const { data, info } = await sharp(palettePng(levelsOf(spectrogram, {})))
      .removeAlpha()
      .toColourspace('srgb')
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect([info.width, info.height, info.channels]).toEqual([frames, bins, 3]);
    expect(Buffer.compare(data, Buffer.from(spectrogramImage(spectrogram).data))).toBe(0);
  }
});

describe('ticks', () => {
  test('of time are round, evenly spaced and inside', () => {
    expect(roundTicks(30, 10).map(({ value }) => value)).toEqual([0, 5, 10, 15, 20, 25, 30]);
    expect(roundTicks(0.3, 6).map(({ value }) => value)).toEqual([0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3]);
    fc.assert(
      fc.property(fc.double({ min: 1e-3, max: 1e6, noNaN: true }), fc.integer({ min: 1, max: 30 }), (end, count) => {
        const ticks = roundTicks(end, count);
        expect(ticks.length).toBeLessThanOrEqual(count + 2);
        for (const { value, at } of ticks) expect(value / end).toBeCloseTo(at, 6);
        expect(ticks.at(-1)!.at).toBeLessThanOrEqual(1 + 1e-9);
      }),
    );
  });

  test('of frequency stand at the middles of bins, far enough apart', () => {
    const linear = Array.from({ length: 9 }, (_, i) => i * 1000);
    expect(frequencyTicks(linear, 0.3)).toEqual([
      { value: 0, at: 0.5 / 9 },
      { value: 5000, at: 5.5 / 9 },
      { value: 8000, at: 8.5 / 9 },
    ]);
    expect(frequencyTicks([440], 0.1)).toEqual([{ value: 440, at: 0.5 }]);
    const logarithmic = Array.from({ length: 80 }, (_, i) => 50 * 1.06 ** i);
    const ticks = frequencyTicks(logarithmic, 0.05);
    expect(ticks.map(({ value }) => value)).toEqual(expect.arrayContaining([100, 200, 500, 1000, 2000]));
    expect(ticks.every(({ at }, i) => i === 0 || at - ticks[i - 1]!.at >= 0.05)).toBe(true);
    for (const { value, at } of ticks) expect((50 * 1.06 ** (at * 80 - 0.5)) / value).toBeCloseTo(1, 2);
  });
});

describe('spectrogramSvg', () => {
  const options = { frameRate: 100, frequencies: [0, 100, 200, 300] };

  test('is drawn by another renderer as the picture with its axes', async () => {
    const bright = tensor(
      4,
      50,
      Array.from({ length: 200 }, (_, i) => Math.floor(i / 50)),
    );
    const svg = spectrogramSvg(bright, { ...options, colors: greys, title: 'a < b & c', width: 400, height: 200 });
    expect(svg).toContain('a &lt; b &amp; c');
    expect(svg.match(/>0\.\d</g)).toEqual(['>0.2<', '>0.4<']);
    const { data, info } = await sharp(Buffer.from(svg)).removeAlpha().raw().toBuffer({ resolveWithObject: true });
    expect([info.width, info.height]).toEqual([400, 200]);
    const red = (x: number, y: number) => data[(y * info.width + x) * info.channels]!;
    expect(red(2, 2)).toBe(255);
    // The loudest bin above, the quietest below.
    expect(red(200, 48)).toBeGreaterThan(240);
    expect(red(200, 150)).toBeLessThan(15);
  });

  test('is well-formed whatever the title holds', () => {
    const svg = spectrogramSvg(tensor(4, 5), { ...options, title: 'a\u0000\ud800<]]>😀' });
    expect(svg).toContain('a\ufffd\ufffd&lt;]]&gt;😀');
  });

  test('holds what the picture holds', () => {
    const svg = spectrogramSvg(tensor(4, 5), options);
    const png = Buffer.from(/base64,([^"]+)"/.exec(svg)![1]!, 'base64');
    const data = png.indexOf('IDAT');
    expect([...inflateSync(png.subarray(data + 4))].filter((_, i) => i % 6 === 0)).toEqual([0, 0, 0, 0]);
  });

  test.each([
    { frameRate: 0 },
    { frameRate: undefined },
    { frequencies: [0, 1] },
    { frequencies: [0, 1, 1, 2] },
    { frequencies: undefined },
    { frameRate: 1e-320 },
    { frequencies: { length: 2 ** 40 } },
    {
      colors: [
        ['0', '0', '0'],
        [1, 1, 1],
      ],
    },
    { width: 10 },
    { width: 2 ** 50 },
    { height: 99.5 },
    { title: 3 },
  ])('refuses %p', (wrong) => {
    expect(() => spectrogramSvg(tensor(4, 5), { ...options, ...wrong } as never)).toThrow(code('AUDIO_OPTION'));
  });
});
