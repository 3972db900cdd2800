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

/** @throws VideoError `VIDEO_OPTIONS` for counts that are no positive integers, a start before 0, and spans and rates that are not positive. */
export function checkVideoOptions(counts: Readonly<Record<string, unknown>>, numbers: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(counts)) {
    if (value !== undefined) checkCount(name, value, 'VIDEO_OPTIONS');
  }
  for (const [name, value] of Object.entries(numbers)) {
    const usable = typeof value === 'number' && Number.isFinite(value) && (name === 'start' ? value >= 0 : value > 0);
    if (value === undefined || usable) continue;
    const expected = name === 'start' ? 'a number of 0 or more' : 'a positive number';
    throw new VideoError({ code: 'VIDEO_OPTIONS', message: `${name} is ${shown(value)}, but ${expected} was expected.` });
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
