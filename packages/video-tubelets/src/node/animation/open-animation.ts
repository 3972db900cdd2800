import { type Animation, type AnimationInfo, type AnimationOptions, checkFormat, checkLimits, type TimedFrame } from '../../animation.js';
import { checkCount, checkOptions, VideoError } from '../../errors.js';
import { type AnimationSource, readSource } from './read-source.js';
import { loadSharp } from './sharp.js';

export interface AnimationFileOptions extends AnimationOptions {
  /** Refuse files of more bytes. Default 512 MiB. */
  readonly maxBytes?: number;
}

/** So many pixels are decoded at once, at least one frame: sharp begins at the first frame each time. */
const CHUNK_PIXELS = 2 ** 24;

/**
 * Opens an animated GIF or WebP as a stream of frames, RGB or RGBA, composed as a viewer shows them. Needs the optional peer sharp.
 *
 * @throws VideoError `VIDEO_FILE`, `VIDEO_FORMAT`, `VIDEO_TOO_LARGE` before decoding, `VIDEO_DECODE`, `VIDEO_OPTIONS`, `VIDEO_SHARP_MISSING`; ImageError
 *   `IMAGE_EMPTY`, `IMAGE_UNKNOWN_FORMAT`, `IMAGE_TRUNCATED` for what is no picture; the frames also the signal's reason.
 */
export async function openAnimation(source: AnimationSource, options: AnimationFileOptions = {}): Promise<Animation> {
  const { maxBytes = 512 * 1024 * 1024 } = checkOptions(options);
  checkCount('maxBytes', maxBytes, 'VIDEO_OPTIONS');
  const bytes = await readSource(source, maxBytes);
  const { format } = checkFormat(bytes);
  const sharp = await loadSharp();
  const decoder = (pages: object, limitInputPixels: number | false) =>
    sharp(bytes, { ...pages, ignoreIcc: true, failOn: 'error', limitInputPixels });
  const { width, pageHeight, height, pages, delay } = await decoding(decoder({ pages: -1 }, false).metadata());
  const info: AnimationInfo = { format, width, height: pageHeight ?? height, frames: pages ?? 1 };
  checkLimits(info, options);
  const seconds = Array.from({ length: info.frames }, (_, i) => (delay?.[i] ?? 0) / 1000);

  async function* read(): AsyncGenerator<TimedFrame, void, undefined> {
    const pixels = info.width * info.height;
    const run = Math.max(1, Math.floor(CHUNK_PIXELS / pixels));
    let time = 0;
    for (let page = 0; page < info.frames; page += run) {
      options.signal?.throwIfAborted();
      const count = Math.min(run, info.frames - page);
      const { data, info: made } = await decoding(
        decoder({ page, pages: count }, count * pixels)
          .raw()
          .toBuffer({ resolveWithObject: true }),
      );
      const size = pixels * made.channels;
      for (let i = 0; i < count; i++) {
        options.signal?.throwIfAborted();
        // A copy, so that one frame does not keep its neighbours.
        const own = new Uint8Array(data.subarray(i * size, (i + 1) * size));
        yield { data: own, width: info.width, height: info.height, channels: made.channels, time, seconds: seconds[page + i]! };
        time += seconds[page + i]!;
      }
    }
  }
  return { info, frames: { [Symbol.asyncIterator]: read }, ...constantRate(seconds) };
}

function constantRate(seconds: readonly number[]): { readonly frameRate?: number } {
  const first = seconds[0]!;
  return first > 0 && seconds.every((value) => value === first) ? { frameRate: 1 / first } : {};
}

async function decoding<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
    throw new VideoError({
      code: 'VIDEO_DECODE',
      message: `the animation cannot be decoded (${reason}).`,
      fix: 'The file is damaged or cut short: copy, download or export it again.',
      cause,
    });
  }
}
