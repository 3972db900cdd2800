import type { TensorLike } from '@polymodal/modality-registry';
import { AudioError, shown } from '../errors.js';
import { type SpectrogramLayout, viewSpectrogram } from '../spectrogram-tensor.js';
import { glow, paletteOf } from './colors.js';

export interface SpectrogramPictureOptions {
  /** The values of the first and of the last colour; those beyond are cut off. Default: the least and the greatest that are finite. */
  readonly range?: readonly [low: number, high: number];
  /** Two or more colours, RGB each from 0 to 255, evenly spaced; default from black by purple, red and orange to light yellow. */
  readonly colors?: readonly (readonly number[])[];
  /** Default `bins-first`. */
  readonly layout?: SpectrogramLayout;
}

/** Indices into a palette of 256 colours, the lowest frequency in the last row. [bins, frames] */
export interface Levels {
  readonly indices: Uint8Array;
  readonly width: number;
  readonly height: number;
  /** [256, 3] */
  readonly palette: Uint8Array;
}

/** More pixels than this are refused, as Pillow refuses them. */
const MAX_PIXELS = 89_478_485;

/** @throws AudioError AUDIO_SPECTROGRAM where there is nothing to draw, AUDIO_TOO_LARGE where too much; AUDIO_OPTION */
export function levelsOf(spectrogram: TensorLike<'float32'>, { range, colors = glow, layout }: SpectrogramPictureOptions): Levels {
  const { data, bins, frames, binStride, frameStride } = viewSpectrogram(spectrogram, layout);
  if (bins === 0 || frames === 0 || bins * frames > MAX_PIXELS) {
    throw new AudioError({
      code: bins * frames > MAX_PIXELS ? 'AUDIO_TOO_LARGE' : 'AUDIO_SPECTROGRAM',
      message: `the spectrogram has ${bins} bins and ${frames} frames, but a picture has from 1 to ${MAX_PIXELS} pixels.`,
      fix: 'Cut long sounds into parts.',
    });
  }
  const palette = paletteOf(checkColors(colors));
  const [low, high] = range === undefined ? extremes(data) : checkRange(range);
  const scale = high > low ? 255 / (high - low) : 0;
  const indices = new Uint8Array(bins * frames);
  for (let b = 0, at = (bins - 1) * frames; b < bins; b++, at -= frames) {
    for (let i = 0; i < frames; i++) {
      const value = data[b * binStride + i * frameStride]!;
      // What is not finite: the logarithm of nothing is the first colour, as NaN is.
      const level = value >= high ? 255 : value > low ? (value - low) * scale : 0;
      indices[at + i] = scale === 0 ? 0 : Math.round(level);
    }
  }
  return { indices, width: frames, height: bins, palette };
}

function extremes(data: Float32Array): readonly [number, number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < data.length; i++) {
    const value = data[i]!;
    if (!Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low <= high ? [low, high] : [0, 0];
}

function checkRange(range: readonly [number, number]): readonly [number, number] {
  if (Array.isArray(range) && range.length === 2 && range.every(Number.isFinite) && range[0]! <= range[1]!) return range;
  throw new AudioError({ code: 'AUDIO_OPTION', message: `range is ${shown(range)}, but two finite numbers in order were expected.` });
}

function checkColors(colors: readonly (readonly number[])[]): readonly (readonly number[])[] {
  const isColor = (color: unknown) =>
    Array.isArray(color) && color.length === 3 && color.every((level) => typeof level === 'number' && level >= 0 && level <= 255);
  if (Array.isArray(colors) && colors.length >= 2 && colors.every(isColor)) return colors;
  throw new AudioError({ code: 'AUDIO_OPTION', message: `colors is ${shown(colors)}, but two or more [red, green, blue] were expected.` });
}
