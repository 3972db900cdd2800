import { checkCount, shown, VideoError } from './errors.js';

/** What the header of a video file says; a damaged file may have less. */
export interface VideoInfo {
  /** Pixels across and down as shown, after rotation. */
  readonly width: number;
  readonly height: number;
  /** Mean frames per second; undefined where the file does not say. */
  readonly frameRate: number | undefined;
  readonly seconds: number | undefined;
  /** As written in the file, else seconds × rate, which may be off by a few. */
  readonly frames: number | undefined;
  /** Such as `h264`. */
  readonly codec: string;
}

/** The least and the most of each number: what ffmpeg reads, microseconds and about thirty years among it. */
const ranges = { start: [0, 1e9], seconds: [1e-6, 1e9], fps: [1e-5, 100_000] } as const;

/**
 * @throws VideoError `VIDEO_OPTIONS` for counts that are no positive integers, and for a start, a span or a rate that no video has.
 */
export function checkVideoOptions(
  counts: Readonly<Record<string, unknown>>,
  numbers: Readonly<Partial<Record<keyof typeof ranges, unknown>>>,
): void {
  for (const [name, value] of Object.entries(counts)) {
    if (value !== undefined) checkCount(name, value, 'VIDEO_OPTIONS');
  }
  for (const [name, [least, most]] of Object.entries(ranges)) {
    const value = numbers[name as keyof typeof ranges];
    if (value === undefined || (typeof value === 'number' && value >= least && value <= most)) continue;
    throw new VideoError({
      code: 'VIDEO_OPTIONS',
      message: `${name} is ${shown(value)}, but a number from ${least} to ${most} was expected.`,
    });
  }
}

/** @throws VideoError `VIDEO_TOO_LARGE` where a frame has more pixels. */
export function checkPixels(width: number, height: number, maxPixels: number): void {
  if (width * height <= maxPixels) return;
  throw new VideoError({
    code: 'VIDEO_TOO_LARGE',
    message: `frames are ${width}×${height}, ${width * height} pixels, but at most ${maxPixels} are decoded.`,
    fix: 'Scale the video down (ffmpeg -i in.mp4 -vf scale=640:-2 out.mp4), or pass a larger maxPixels if the file can be trusted.',
  });
}
