import { MAX_PIXELS } from '@polymodal/image-patcher';
import type { TimedFrame } from '../animation.js';
import { shown, VideoError } from '../errors.js';
import { checkPixels } from '../video-file.js';
import { isCutShort } from './cut-short.js';
import { frameReader } from './frame-pixels.js';
import type { VideoSample } from './mediabunny.js';
import type { OpenTrack } from './open-track.js';
import type { OpenVideoOptions } from './open-video.js';

/** The frames of a file from `start` on. @throws VideoError `VIDEO_TOO_LARGE`, `VIDEO_DECODE`, `VIDEO_EMPTY`, `VIDEO_TRUNCATED`; the signal's reason. */
export async function* readFrames(
  file: Blob | Uint8Array,
  open: () => Promise<OpenTrack>,
  options: OpenVideoOptions,
): AsyncGenerator<TimedFrame, void, undefined> {
  const { start = 0, seconds = Number.POSITIVE_INFINITY, maxFrames = Number.POSITIVE_INFINITY } = options;
  const { maxPixels = MAX_PIXELS, allowTruncated = false, signal } = options;
  signal?.throwIfAborted();
  const { library, input, track, reads, origin } = await open();
  const samples = new library.VideoSampleSink(track).samples(origin + start);
  const stop = () => void samples.return?.();
  signal?.addEventListener('abort', stop, { once: true });
  let count = 0;
  try {
    const alpha = await track.canBeTransparent();
    const read = frameReader(await track.getColorSpace());
    while (count < maxFrames) {
      signal?.throwIfAborted();
      const sample = await next(samples, { count, allowTruncated, alpha });
      signal?.throwIfAborted();
      if (!sample) break;
      try {
        // To the microsecond, to which files keep times at best.
        const time = micros(sample.timestamp - origin) / 1e6;
        if (micros(time) < micros(start)) continue;
        if (micros(time) >= micros(start + seconds)) return;
        checkPixels(sample.codedWidth, sample.codedHeight, maxPixels);
        const frame = { ...(await read(sample)), time, seconds: sample.duration };
        count++;
        yield frame;
      } finally {
        sample.close();
      }
    }
  } finally {
    signal?.removeEventListener('abort', stop);
    stop();
    input.dispose();
  }
  if (count < maxFrames) await checkEnd(file, { count, allowTruncated, damaged: reads.stuck > 0 });
}

interface Place {
  readonly count: number;
  readonly allowTruncated: boolean;
  readonly alpha: boolean;
}

/** The next frame; undefined at the end, and where the rest is damaged and that is allowed. */
async function next(samples: AsyncIterator<VideoSample, void>, { count, allowTruncated, alpha }: Place): Promise<VideoSample | undefined> {
  try {
    return (await samples.next()).value ?? undefined;
  } catch (cause) {
    if (allowTruncated && count > 0) return undefined;
    throw new VideoError({
      code: 'VIDEO_DECODE',
      message: `the video cannot be decoded after ${count} frames or a few more (${cause instanceof Error ? cause.message : shown(cause)}).`,
      // mediabunny joins colour and alpha in a worker that it makes of a blob.
      fix: alpha
        ? "A video with alpha needs worker-src blob: in the page's Content-Security-Policy; otherwise it is damaged."
        : 'It is damaged: copy or download it again, or pass allowTruncated to take what there is before.',
      cause,
    });
  }
}

interface End {
  readonly count: number;
  readonly allowTruncated: boolean;
  readonly damaged: boolean;
}

async function checkEnd(file: Blob | Uint8Array, { count, allowTruncated, damaged }: End): Promise<void> {
  if (!allowTruncated && damaged) {
    throw new VideoError({
      code: 'VIDEO_DECODE',
      message: `the file has damaged parts; ${count} frames could be found.`,
      fix: 'Copy or download it again, or pass allowTruncated to take what there is.',
    });
  }
  if (!allowTruncated && (await isCutShort(file))) {
    throw new VideoError({
      code: 'VIDEO_TRUNCATED',
      message: `the file is cut short after ${count} frames.`,
      fix: 'Copy or download it again, or pass allowTruncated to take what there is.',
    });
  }
  if (count === 0) {
    throw new VideoError({
      code: 'VIDEO_EMPTY',
      message: 'the video has no frames in the part that was asked for.',
      fix: 'Begin before its end: info.seconds.',
    });
  }
}

function micros(seconds: number): number {
  return Math.round(seconds * 1e6);
}
