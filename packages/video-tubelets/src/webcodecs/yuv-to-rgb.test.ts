import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { noise } from '../../test/noise.js';
import { chromaTaps } from './chroma-taps.js';
import { pixelFormat } from './planes.js';
import { isMatrix, type Plane, yuvToRgb } from './yuv-to-rgb.js';

type Case = [width: number, height: number, format: string, matrix: string, fullRange: boolean, seed: number, sha256: string];

const goldens: { cases: Case[] } = JSON.parse(readFileSync(new URL('../../test/goldens/yuv.json', import.meta.url), 'utf8'));

/** Planes of noise, as they lie in a file. */
function planesOf(width: number, height: number, { across, down, bits, interleaved }: ReturnType<typeof formatOf>, seed: number): Plane[] {
  const chroma = Math.ceil(width / across) * Math.ceil(height / down);
  const count = width * height + 2 * chroma;
  const bytes = Uint8Array.from(noise(1, count * (bits > 8 ? 2 : 1), 1, 1, seed)[0]!.data);
  const data = bits > 8 ? new Uint16Array(bytes.buffer).map((sample) => sample & ((1 << bits) - 1)) : bytes;
  const luma = { data: data.subarray(0, width * height), channels: 1 };
  if (interleaved) return [luma, { data: data.subarray(width * height), channels: 2 }];
  const [u, v] = [0, 1].map((i) => data.subarray(width * height + i * chroma, width * height + (i + 1) * chroma));
  return [luma, { data: u!, channels: 1 }, { data: v!, channels: 1 }];
}

function formatOf(name: string) {
  const format = pixelFormat(name);
  if (!format) throw new Error(name);
  return format;
}

describe('YUV becomes the RGB of ffmpeg, to the bit', () => {
  test.each(goldens.cases)('%i×%i %s, %s, full range %s', (width, height, name, matrix, fullRange, seed, sha256) => {
    if (!isMatrix(matrix)) throw new Error(matrix);
    const format = formatOf(name);
    const { across, down, bits } = format;
    const convert = yuvToRgb({ width, height, across, down, bits, matrix, fullRange });
    const planes = planesOf(width, height, format, seed);
    const before = planes.map(({ data }) => [...data]);
    const hash = (rgb: Uint8Array) => createHash('sha256').update(rgb).digest('hex');
    expect(hash(convert(planes))).toBe(sha256);
    // What a converter keeps from frame to frame does not show.
    expect(hash(convert(planes))).toBe(sha256);
    expect(planes.map(({ data }) => [...data])).toEqual(before);
  });
});

test('grey stays grey: black, middle, white', () => {
  const convert = yuvToRgb({ width: 4, height: 4, across: 2, down: 2, bits: 8, matrix: 'bt709', fullRange: false });
  const levels = [16, 126, 235].map((luma) => {
    const chroma = { data: new Uint8Array(4).fill(128), channels: 1 };
    return [...new Set(convert([{ data: new Uint8Array(16).fill(luma), channels: 1 }, chroma, chroma]))];
  });
  expect(levels).toEqual([[0], [128], [255]]);
});

test.each([
  [1, 1],
  [1, 2],
  [2, 3],
  [3, 6],
  [17, 33],
  [240, 479],
])('the taps from %i samples to %i sum to one and stay inside', (from, to) => {
  const one = 1 << 14;
  const { size, start, weights } = chromaTaps(from, to, one);
  expect(start).toHaveLength(to);
  for (let i = 0; i < to; i++) {
    const taps = weights.subarray(i * size, (i + 1) * size);
    expect(taps.reduce((a, b) => a + b)).toBe(one);
    expect(start[i]).toBeGreaterThanOrEqual(0);
    expect(start[i]! + size).toBeLessThanOrEqual(from);
  }
});

test.each([
  ['I420', { across: 2, down: 2, bits: 8, interleaved: false, alpha: false }],
  ['I422AP10', { across: 2, down: 1, bits: 10, interleaved: false, alpha: true }],
  ['I444P12', { across: 1, down: 1, bits: 12, interleaved: false, alpha: false }],
  ['NV12', { across: 2, down: 2, bits: 8, interleaved: true, alpha: false }],
  ['RGBA', undefined],
  [null, undefined],
])('%s is a format of WebCodecs', (name, expected) => {
  expect(pixelFormat(name)).toEqual(expected);
});
