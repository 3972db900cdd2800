import { shown, VideoError } from '../errors.js';
import type { VideoInfo } from '../video-file.js';
import { isCutShort } from './cut-short.js';
import { guardedSource, type Reads } from './guarded-source.js';
import type { Input, Mediabunny, VideoTrack } from './mediabunny.js';

/** A file that is open, and its first video track. */
export interface OpenTrack {
  readonly library: Mediabunny;
  readonly input: Input;
  readonly track: VideoTrack;
  /** Its first time that is shown, in seconds: from it times are counted. */
  readonly origin: number;
  readonly reads: Reads;
}

/** @throws VideoError `VIDEO_FORMAT`, `VIDEO_DECODE`, `VIDEO_EMPTY`, `VIDEO_TRUNCATED`; the signal's reason. */
export async function openTrack(library: Mediabunny, file: Blob | Uint8Array, signal: AbortSignal | undefined): Promise<OpenTrack> {
  const { source, reads } = guardedSource(library, file, signal);
  const { MP4, QTFF, MATROSKA, WEBM, MPEG_TS } = library;
  // No playlists: they name other files.
  const input = new library.Input({ formats: [MP4, QTFF, MATROSKA, WEBM, MPEG_TS], source });
  try {
    const track = (await reading(() => input.getVideoTracks(), signal, library))[0];
    if (!track) throw await noPictures(input, file);
    return { library, input, track, reads, origin: Math.max(0, await reading(() => track.getFirstTimestamp(), signal)) };
  } catch (error) {
    input.dispose();
    throw error;
  }
}

/** What the headers say, and the first frames. @throws VideoError `VIDEO_DECODE`; the signal's reason. */
export function readInfo(opened: OpenTrack, signal: AbortSignal | undefined): Promise<VideoInfo> {
  return reading(() => infoOf(opened), signal);
}

async function infoOf({ track, origin }: OpenTrack): Promise<VideoInfo> {
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
async function reading<T>(work: () => Promise<T>, signal: AbortSignal | undefined, library?: Mediabunny): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    signal?.throwIfAborted();
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
