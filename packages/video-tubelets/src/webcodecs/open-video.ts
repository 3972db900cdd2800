import { MAX_PIXELS } from '@polymodal/image-patcher';
import type { TimedFrame } from '../animation.js';
import { checkOptions, shown, VideoError } from '../errors.js';
import { checkPixels, checkVideoOptions, type VideoInfo } from '../video-file.js';
import { checkTables } from './check-tables.js';
import { isBytes } from './cut-short.js';
import { checkDecoder, loadMediabunny } from './mediabunny.js';
import { openTrack, readInfo } from './open-track.js';
import { readFrames } from './read-frames.js';

export interface OpenVideoOptions {
  /** Begin at this second, to the frame; default 0. */
  readonly start?: number;
  /** Stop after so many seconds of video; default to the end. */
  readonly seconds?: number;
  /** Stop after so many frames. */
  readonly maxFrames?: number;
  /** Refuse frames of more pixels, before decoding. Default 89,478,485, as for pictures. */
  readonly maxPixels?: number;
  /** Give what there is of a file that is damaged or cut short. Default false. */
  readonly allowTruncated?: boolean;
  readonly signal?: AbortSignal;
}

/** A video file that is open for reading: a `Video` of the contract. */
export interface OpenVideo {
  readonly info: VideoInfo;
  /** RGB, decoded a few ahead of the reader; each loop over them decodes anew, and leaving it frees the decoder. */
  readonly frames: AsyncIterable<TimedFrame>;
  readonly frameRate?: number;
}

/**
 * Opens an MP4, MOV, WebM, Matroska or MPEG-TS file in a page or worker, by WebCodecs; frames are rotated as the file says, as players show them.
 *
 * @throws VideoError `VIDEO_OPTIONS`, `VIDEO_FILE` for what is no bytes, `VIDEO_DECODER_MISSING`, `VIDEO_MEDIABUNNY_MISSING`, `VIDEO_FORMAT` for
 *   files and codecs that the browser does not read, `VIDEO_EMPTY`, `VIDEO_TOO_LARGE`, `VIDEO_DECODE`, `VIDEO_TRUNCATED`, which the frames tell
 *   after the last; the signal's reason.
 */
export async function openVideo(file: Blob | Uint8Array, options: OpenVideoOptions = {}): Promise<OpenVideo> {
  const { start, seconds, maxFrames, maxPixels = MAX_PIXELS, signal } = checkOptions(options);
  checkVideoOptions({ maxFrames, maxPixels }, { start, seconds });
  checkFile(file);
  signal?.throwIfAborted();
  checkDecoder();
  const library = await loadMediabunny();
  await checkTables(file);
  const open = () => openTrack(library, file, signal);
  const opened = await open();
  try {
    const info = await readInfo(opened, signal);
    signal?.throwIfAborted();
    checkPixels(info.width, info.height, maxPixels);
    if (!(await opened.track.canDecode())) throw notDecodable(info.codec);
    const frames = { [Symbol.asyncIterator]: () => readFrames(file, open, options) };
    return { info, frames, ...(info.frameRate !== undefined && { frameRate: info.frameRate }) };
  } finally {
    opened.input.dispose();
  }
}

function notDecodable(codec: string): VideoError {
  return new VideoError({
    code: 'VIDEO_FORMAT',
    message: `this browser does not decode the video's codec (${codec}).`,
    fix: 'Convert it to H.264, which all browsers decode: ffmpeg -i FILE -c:v libx264 -pix_fmt yuv420p out.mp4',
  });
}

/** A blob by its method: those of another realm are such too. */
function checkFile(file: unknown): void {
  if (isBytes(file) || typeof (file as Blob | null)?.arrayBuffer === 'function') return;
  throw new VideoError({ code: 'VIDEO_FILE', message: `video is ${shown(file)}, but bytes or a Blob were expected.` });
}
