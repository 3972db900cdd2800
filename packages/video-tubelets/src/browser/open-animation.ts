import { type Animation, type AnimationInfo, type AnimationOptions, checkFormat, checkLimits, type TimedFrame } from '../animation.js';
import { checkOptions, shown, VideoError } from '../errors.js';
import { createDecoder, type ImageDecoder } from './image-decoder.js';

/**
 * Opens an animated GIF or WebP as a stream of RGBA frames, composed as the browser shows them, by WebCodecs' ImageDecoder.
 *
 * @throws VideoError `VIDEO_FILE` for what is no bytes, `VIDEO_FORMAT`, `VIDEO_TOO_LARGE` before decoding, `VIDEO_DECODE`,
 *   `VIDEO_IMAGE_DECODER_MISSING`; ImageError for what is no picture; the frames also the signal's reason.
 */
export async function openAnimation(source: Uint8Array | ArrayBuffer | Blob, options: AnimationOptions = {}): Promise<Animation> {
  checkOptions(options);
  const bytes = await bytesOf(source);
  const header = checkFormat(bytes);
  const info: AnimationInfo = { ...header, frames: await countFrames(bytes, header.format) };
  checkLimits(info, options);
  return { info, frames: { [Symbol.asyncIterator]: () => read(bytes, info, options.signal) } };
}

async function* read(bytes: Uint8Array, info: AnimationInfo, signal: AbortSignal | undefined): AsyncGenerator<TimedFrame, void, undefined> {
  signal?.throwIfAborted();
  const decoder = createDecoder(bytes, info.format);
  try {
    let time = 0;
    for (let i = 0; i < info.frames; i++) {
      signal?.throwIfAborted();
      const frame = await decoding(decodeFrame(decoder, i, info));
      yield { ...frame, time };
      time += frame.seconds;
    }
  } finally {
    decoder.close();
  }
}

async function decodeFrame(decoder: ImageDecoder, frameIndex: number, { width, height }: AnimationInfo) {
  const { image } = await decoder.decode({ frameIndex });
  try {
    // A damaged file may give frames of another size than its header says.
    if (image.displayWidth !== width || image.displayHeight !== height)
      throw new Error(`a frame of ${image.displayWidth}×${image.displayHeight}`);
    const data = new Uint8Array(width * height * 4);
    await image.copyTo(data, { format: 'RGBA', colorSpace: 'srgb' });
    return { data, width, height, channels: 4, seconds: (image.duration ?? 0) / 1e6 };
  } finally {
    image.close();
  }
}

async function countFrames(bytes: Uint8Array, format: 'gif' | 'webp'): Promise<number> {
  const decoder = createDecoder(bytes, format);
  try {
    await decoding(decoder.tracks.ready.then(() => decoder.completed));
    return decoder.tracks.selectedTrack?.frameCount ?? 0;
  } finally {
    decoder.close();
  }
}

async function decoding<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    throw new VideoError({
      code: 'VIDEO_DECODE',
      message: `the animation cannot be decoded (${cause instanceof Error ? cause.message : shown(cause)}).`,
      fix: 'The file is damaged or cut short: copy, download or export it again.',
      cause,
    });
  }
}

async function bytesOf(source: Uint8Array | ArrayBuffer | Blob): Promise<Uint8Array> {
  // By tag and method: arrays and blobs of another realm are such too.
  const tag = Object.prototype.toString.call(source);
  if (tag === '[object Uint8Array]') return source as Uint8Array;
  if (tag === '[object ArrayBuffer]') return new Uint8Array(source as ArrayBuffer);
  if (typeof (source as Blob | null)?.arrayBuffer === 'function') return new Uint8Array(await (source as Blob).arrayBuffer());
  throw new VideoError({ code: 'VIDEO_FILE', message: `animation is ${shown(source)}, but bytes or a Blob were expected.` });
}
