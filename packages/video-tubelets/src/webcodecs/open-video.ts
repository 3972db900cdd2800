import { MAX_PIXELS } from '@polymodal/image-patcher';
import type { TimedFrame } from '../animation.js';
import { shown, VideoError } from '../errors.js';
import { checkPixels, checkVideoOptions, type VideoInfo } from '../video-file.js';
import { checkTables } from './check-tables.js';
import { isCutShort } from './cut-short.js';
import { checkDecoder, type Input, loadMediabunny, type Mediabunny, type VideoTrack } from './mediabunny.js';
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

/** A file that is open, and its first video track. */
export interface OpenTrack {
  readonly library: Mediabunny;
  readonly input: Input;
  readonly track: VideoTrack;
  /** Its first time that is shown, in seconds: from it times are counted. */
  readonly origin: number;
}

/**
 * Opens an MP4, MOV, WebM, Matroska or MPEG-TS file in a page or worker, by WebCodecs; frames are rotated as the file says, as players show them.
 *
 * @throws VideoError `VIDEO_OPTIONS`, `VIDEO_FILE` for what is no bytes, `VIDEO_DECODER_MISSING`, `VIDEO_MEDIABUNNY_MISSING`, `VIDEO_FORMAT` for
 *   files and codecs that the browser does not read, `VIDEO_EMPTY`, `VIDEO_TOO_LARGE`, `VIDEO_DECODE`, `VIDEO_TRUNCATED`, which the frames tell
 *   after the last; the signal's reason.
 */
export async function openVideo(file: Blob | Uint8Array, options: OpenVideoOptions = {}): Promise<OpenVideo> {
  const { start, seconds, maxFrames, maxPixels = MAX_PIXELS, signal } = options;
  checkVideoOptions({ maxFrames, maxPixels }, { start, seconds });
  checkFile(file);
  signal?.throwIfAborted();
  checkDecoder();
  const library = await loadMediabunny();
  await checkTables(file);
  const open = () => openTrack(library, file);
  const opened = await open();
  try {
    const info = await reading(() => readInfo(opened));
    signal?.throwIfAborted();
    checkPixels(info.width, info.height, maxPixels);
    if (!(await opened.track.canDecode())) throw notDecodable(info.codec);
    const frames = { [Symbol.asyncIterator]: () => readFrames(file, open, options) };
    return { info, frames, ...(info.frameRate !== undefined && { frameRate: info.frameRate }) };
  } finally {
    opened.input.dispose();
  }
}

async function openTrack(library: Mediabunny, file: Blob | Uint8Array): Promise<OpenTrack> {
  const source = isBytes(file) ? new library.BufferSource(file) : new library.BlobSource(file);
  const { MP4, QTFF, MATROSKA, WEBM, MPEG_TS } = library;
  // No playlists: they name other files.
  const input = new library.Input({ formats: [MP4, QTFF, MATROSKA, WEBM, MPEG_TS], source });
  try {
    const track = (await reading(() => input.getVideoTracks(), library))[0];
    if (!track) throw await noPictures(input, file);
    return { library, input, track, origin: Math.max(0, await reading(() => track.getFirstTimestamp())) };
  } catch (error) {
    input.dispose();
    throw error;
  }
}

async function readInfo({ track, origin }: OpenTrack): Promise<VideoInfo> {
  const codec = (await track.getCodec()) ?? 'unknown';
  const turned = (await track.getRotation()) % 180 !== 0;
  const [across, down] = [await track.getCodedWidth(), await track.getCodedHeight()];
  const [width, height] = turned ? [down, across] : [across, down];
  const end = await track.getDurationFromMetadata();
  const seconds = end !== null && end > origin ? end - origin : undefined;
  const rate = await track.computeFrameRateMetrics();
  const mean = rate.frameRateIsConstant ? rate.bestGuessFrameRate : rate.averageFrameRate;
  const frameRate = rate.probedPacketCount > 1 && Number.isFinite(mean) && mean > 0 ? mean : undefined;
  const frames = frameRate && seconds ? Math.round(frameRate * seconds) : undefined;
  return { width, height, frameRate, seconds, frames, codec: codec === 'avc' ? 'h264' : codec };
}

/** What the demuxer says of a file, as an error of ours. */
async function reading<T>(work: () => Promise<T>, library?: Mediabunny): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (library && cause instanceof library.UnsupportedInputFormatError) {
      throw new VideoError({
        code: 'VIDEO_FORMAT',
        message: 'the file is none of MP4, MOV, WebM, Matroska and MPEG-TS, or its beginning is damaged.',
        fix: 'Convert it first: ffmpeg -i FILE out.mp4. GIF and WebP are read by openAnimation of @polymodal/video-tubelets/browser.',
        cause,
      });
    }
    throw new VideoError({
      code: 'VIDEO_DECODE',
      message: `the file cannot be read (${cause instanceof Error ? cause.message : shown(cause)}).`,
      fix: 'Play it in a video player: it may be damaged or cut short.',
      cause,
    });
  }
}

async function noPictures(input: Input, file: Blob | Uint8Array): Promise<VideoError> {
  const others = (await input.getTracks()).length;
  if (others === 0 && (await isCutShort(file))) {
    return new VideoError({
      code: 'VIDEO_TRUNCATED',
      message: 'the file is cut short before its index, without which nothing of it can be decoded.',
      fix: 'Copy or download it again.',
    });
  }
  return new VideoError({ code: 'VIDEO_EMPTY', message: 'the file has no pictures, only other tracks or none.' });
}

function notDecodable(codec: string): VideoError {
  return new VideoError({
    code: 'VIDEO_FORMAT',
    message: `this browser does not decode the video's codec (${codec}).`,
    fix: 'Convert it to H.264, which all browsers decode: ffmpeg -i FILE -c:v libx264 -pix_fmt yuv420p out.mp4',
  });
}

/** By tag and method: arrays and blobs of another realm are such too. */
function checkFile(file: unknown): void {
  if (isBytes(file) || typeof (file as Blob | null)?.arrayBuffer === 'function') return;
  throw new VideoError({ code: 'VIDEO_FILE', message: `video is ${shown(file)}, but bytes or a Blob were expected.` });
}

function isBytes(file: unknown): file is Uint8Array {
  return Object.prototype.toString.call(file) === '[object Uint8Array]';
}
