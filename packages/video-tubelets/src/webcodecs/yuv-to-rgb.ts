import { chromaTaps, type Taps } from './chroma-taps.js';

const { imul } = Math;

/** Samples of one plane, or of U and V in turn, without gaps between rows. */
export interface Plane {
  readonly data: Uint8Array | Uint16Array;
  readonly channels: number;
}

/** The matrices of YUV that ITU-T H.273 numbers, as integers of 2^16: red from V, blue from U, green from U and from V. */
const matrices = {
  bt709: [117489, 138438, 13975, 34925],
  bt470bg: [104597, 132201, 25675, 53279],
  smpte170m: [104597, 132201, 25675, 53279],
  'bt2020-ncl': [110013, 140363, 12277, 42626],
} as const;

export type Matrix = keyof typeof matrices;

export function isMatrix(name: unknown): name is Matrix {
  return typeof name === 'string' && Object.hasOwn(matrices, name);
}

export interface YuvLayout {
  readonly width: number;
  readonly height: number;
  /** How many pixels across and down share a chroma sample: 1 or 2. */
  readonly across: number;
  readonly down: number;
  /** Of a sample: 8, 10 or 12. */
  readonly bits: number;
  readonly matrix: Matrix;
  readonly fullRange: boolean;
}

/**
 * A converter of YUV to 8-bit RGB, from luma, U and V, or luma and UV in turn: the levels of libswscale with
 * `bicubic+accurate_rnd+full_chroma_int`, which are those of `/ffmpeg`: chroma interpolated by a bicubic filter, across and then down.
 */
export function yuvToRgb(layout: YuvLayout): (planes: readonly Plane[]) => Uint8Array {
  const { width, height, across, down, bits } = layout;
  const chromaWidth = Math.ceil(width / across);
  const chromaHeight = Math.ceil(height / down);
  const columns = chromaTaps(chromaWidth, width, 1 << 14);
  const rows = twoRows(chromaTaps(chromaHeight, height, 1 << 12));
  const scale = scaleOf(layout);
  // [chroma height, width], 15 bits
  const u = new Int16Array(width * chromaHeight);
  const v = new Int16Array(width * chromaHeight);
  // [width], 17 bits and a sign
  const uRow = new Int32Array(width);
  const vRow = new Int32Array(width);

  return ([luma, first, second]) => {
    const gap = first!.channels === 2 ? 2 : 1;
    const [uData, vData] = gap === 2 ? [first!.data, first!.data.subarray(1)] : [first!.data, second!.data];
    const stride = chromaWidth * gap;
    for (let y = 0; y < chromaHeight; y++) {
      stretch({ data: uData.subarray(y * stride), gap, bits }, columns, u.subarray(y * width, (y + 1) * width));
      stretch({ data: vData.subarray(y * stride), gap, bits }, columns, v.subarray(y * width, (y + 1) * width));
    }
    const rgb = new Uint8Array(width * height * 3);
    for (let y = 0; y < height; y++) {
      blend(u, rows, y, uRow);
      blend(v, rows, y, vRow);
      convertRow(luma!.data.subarray(y * width, (y + 1) * width), uRow, vRow, scale, rgb.subarray(y * width * 3, (y + 1) * width * 3));
    }
    return rgb;
  };
}

/** Where only two rows of chroma come together, in videos of 7 or 8 rows, libswscale takes the nearer one alone or the mean of both. */
function twoRows({ size, start, weights }: Taps): Taps {
  if (size !== 2) return { size, start, weights };
  const nearest = weights.map((weight, i) => {
    const second = weights[i | 1]!;
    if (second < 0 || second > 4096) return weight;
    if (second >= 2048) return 2048;
    return i % 2 === 0 ? 4096 : 0;
  });
  return { size, start, weights: nearest };
}

interface ChromaRow {
  readonly data: Plane['data'];
  /** From one sample to the next. */
  readonly gap: number;
  readonly bits: number;
}

/** One row of chroma to the width of the picture, in 15 bits. */
function stretch({ data, gap, bits }: ChromaRow, { size, start, weights }: Taps, into: Int16Array): void {
  const shift = bits - 1;
  // The usual case without its inner loop, which takes half as long.
  if (size === 4) {
    for (let x = 0, t = 0; x < into.length; x++, t += 4) {
      const i = start[x]! * gap;
      const left = imul(data[i]!, weights[t]!) + imul(data[i + gap]!, weights[t + 1]!);
      const right = imul(data[i + 2 * gap]!, weights[t + 2]!) + imul(data[i + 3 * gap]!, weights[t + 3]!);
      into[x] = Math.min((left + right) >> shift, 32767);
    }
    return;
  }
  for (let x = 0, t = 0; x < into.length; x++) {
    let sum = 0;
    for (let j = 0, i = start[x]! * gap; j < size; j++, i += gap) sum += imul(data[i]!, weights[t++]!);
    into[x] = Math.min(sum >> shift, 32767);
  }
}

const HALF = (1 << 9) - (128 << 19);

/** One row of the picture's chroma, around 0, from those above and below. */
function blend(plane: Int16Array, { size, start, weights }: Taps, y: number, into: Int32Array): void {
  const width = into.length;
  const row = (j: number) => plane.subarray((start[y]! + j) * width, (start[y]! + j + 1) * width);
  const weight = (j: number) => weights[y * size + j]!;
  if (size === 4) {
    const [a, b, c, d] = [row(0), row(1), row(2), row(3)];
    const [p, q, r, s] = [weight(0), weight(1), weight(2), weight(3)];
    for (let x = 0; x < width; x++) into[x] = (HALF + imul(a[x]!, p) + imul(b[x]!, q) + imul(c[x]!, r) + imul(d[x]!, s)) >> 10;
    return;
  }
  into.fill(HALF);
  for (let j = 0; j < size; j++) {
    const [from, by] = [row(j), weight(j)];
    for (let x = 0; x < width; x++) into[x] = into[x]! + imul(from[x]!, by);
  }
  for (let x = 0; x < width; x++) into[x] = into[x]! >> 10;
}

interface Scale {
  /** From a sample to 17 bits. */
  readonly shift: number;
  readonly black: number;
  readonly luma: number;
  readonly redV: number;
  readonly greenU: number;
  readonly greenV: number;
  readonly blueU: number;
}

function convertRow(luma: Plane['data'], u: Int32Array, v: Int32Array, scale: Scale, into: Uint8Array): void {
  const { shift, black, luma: lumaScale, redV, greenU, greenV, blueU } = scale;
  for (let x = 0, o = 0; x < luma.length; x++, o += 3) {
    // In 32 bits, as there: the brightest impossible colours overflow to 0.
    const grey = imul((luma[x]! << shift) - black, lumaScale) + (1 << 21);
    into[o] = level((grey + imul(v[x]!, redV)) | 0);
    into[o + 1] = level((grey + imul(v[x]!, greenV) + imul(u[x]!, greenU)) | 0);
    into[o + 2] = level((grey + imul(u[x]!, blueU)) | 0);
  }
}

/** A level of 30 bits as one of 8. */
function level(value: number): number {
  if (value < 0) return 0;
  return value >= 1 << 30 ? 255 : value >> 22;
}

function scaleOf({ bits, matrix, fullRange }: YuvLayout): Scale {
  const [redV, blueU, greenU, greenV] = matrices[matrix].map((value) => (fullRange ? Math.trunc((value * 224) / 255) : value)) as [
    number,
    number,
    number,
    number,
  ];
  const luma = fullRange ? 65536 : Math.trunc((65536 * 255) / 219);
  /** From 2^16 to 2^13, rounded. */
  const fixed = (value: number) => Math.floor((value * 8192 + 32768) / 65536);
  return {
    shift: 17 - bits,
    black: fullRange ? 0 : 16 << 9,
    luma: fixed(luma),
    redV: fixed(redV),
    blueU: fixed(blueU),
    greenU: fixed(-greenU),
    greenV: fixed(-greenV),
  };
}
