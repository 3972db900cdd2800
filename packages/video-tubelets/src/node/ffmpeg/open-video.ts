import { MAX_PIXELS } from '@polymodal/image-patcher';
import type { Image } from '@polymodal/modality-registry';
import { checkOptions, shown, VideoError } from '../../errors.js';
import { MAX_REPEATS } from '../../sample/indices.js';
import { checkPixels, checkVideoOptions, type VideoInfo } from '../../video-file.js';
import { splitPpm } from './ppm.js';
import { inputOf, lastLine, type ProbeOptions, probeVideo, undecodable } from './probe.js';
import { startTool } from './process.js';

export interface OpenVideoOptions extends ProbeOptions {
  /** The command to run; default `ffmpeg`, from the path. */
  readonly ffmpeg?: string;
  /** Begin at this second, to the frame; default 0. */
  readonly start?: number;
  /** Stop after so many seconds of video; default to the end. */
  readonly seconds?: number;
  /** Frames per second, at most 1000 times those of the file: repeats or leaves out frames by their times. Default: every frame once, at the times of the file. */
  readonly fps?: number;
  /** Scale to this width and height by ffmpeg's bicubic filter; one alone keeps the aspect ratio. Pillow's resize is `resize` of image-patcher. */
  readonly width?: number;
  readonly height?: number;
  /** Stop after so many frames. */
  readonly maxFrames?: number;
  /** Refuse frames of more pixels, before decoding. Default 89,478,485, as for pictures. */
  readonly maxPixels?: number;
  /** Give what there is of a file that is damaged or cut short. Default false. */
  readonly allowTruncated?: boolean;
}

/** A video file that is open for reading: a `Video` of the contract. */
export interface OpenVideo {
  readonly info: VideoInfo;
  /** RGB, decoded as they are read; each loop over them starts ffmpeg anew, and leaving it stops ffmpeg. */
  readonly frames: AsyncIterable<Image>;
  readonly frameRate?: number;
}

/**
 * Opens a video file of any kind that the system's ffmpeg reads; frames are rotated as the file says, as players show them.
 *
 * @throws VideoError `VIDEO_FILE`, `VIDEO_FFMPEG_MISSING`, `VIDEO_DECODE`, `VIDEO_EMPTY`, `VIDEO_TOO_LARGE`, `VIDEO_OPTIONS`; the frames also
 *   `VIDEO_TRUNCATED` after the last that could be decoded, and the signal's reason.
 */
export async function openVideo(path: string | URL, options: OpenVideoOptions = {}): Promise<OpenVideo> {
  const { start, seconds, fps, width, height, maxFrames, maxPixels = MAX_PIXELS } = checkOptions(options);
  checkVideoOptions({ width, height, maxFrames, maxPixels }, { start, seconds, fps });
  const info = await probeVideo(path, options);
  checkRepeats(fps, info.frameRate);
  const ratio = info.width / info.height;
  const scaledWidth = width ?? (height ? Math.round(height * ratio) : info.width);
  const scaledHeight = height ?? (width ? Math.round(width / ratio) : info.height);
  checkPixels(scaledWidth, scaledHeight, maxPixels);
  // What is scaled down is decoded whole first.
  checkPixels(info.width, info.height, maxPixels);
  const input = await inputOf(path);
  const frameRate = fps ?? info.frameRate;
  const frames = { [Symbol.asyncIterator]: () => decode(path, input, options) };
  return { info, frames, ...(frameRate !== undefined && { frameRate }) };
}

async function* decode(path: string | URL, input: readonly string[], options: OpenVideoOptions): AsyncGenerator<Image, void, undefined> {
  const { signal, ffmpeg = 'ffmpeg', maxPixels = MAX_PIXELS, allowTruncated = false } = options;
  const tool = startTool(ffmpeg, argumentsOf(input, options), signal);
  let count = 0;
  try {
    for await (const frame of splitPpm(tool.stdout, maxPixels)) {
      signal?.throwIfAborted();
      yield frame;
      count++;
    }
    await tool.finished;
  } catch (error) {
    signal?.throwIfAborted();
    // Where ffmpeg did not start or broke down, that is the reason, and not the frame that it left unfinished.
    if (VideoError.isInstance(error) && error.code !== 'VIDEO_TRUNCATED') throw error;
    await tool.finished;
  } finally {
    await tool.stop();
  }
  const { code, stderr } = await tool.finished;
  signal?.throwIfAborted();
  if (count === 0 && code !== 0) throw undecodable(path, stderr);
  if (count === 0 && stderr === '') {
    throw new VideoError({
      code: 'VIDEO_EMPTY',
      message: `${shown(String(path))} has no frames in the part that was asked for.`,
      fix: 'Begin before its end: info.seconds.',
    });
  }
  if (allowTruncated || (code === 0 && stderr === '')) return;
  throw new VideoError({
    code: 'VIDEO_TRUNCATED',
    message: `${shown(String(path))} is damaged or cut short after ${count} frames (${lastLine(stderr)}).`,
    fix: 'Copy or download it again, or pass allowTruncated to take what there is.',
  });
}

function argumentsOf(input: readonly string[], { start, seconds, fps, width, height, maxFrames }: OpenVideoOptions): string[] {
  const filters = [
    ...(fps === undefined ? [] : [`fps=${fps}`]),
    ...(width === undefined && height === undefined
      ? []
      : [`scale=${width ?? -1}:${height ?? -1}:flags=bicubic+accurate_rnd+full_chroma_int`]),
    'format=rgb24',
  ];
  return [
    ...['-v', 'error', '-nostdin'],
    ...(start === undefined ? [] : ['-ss', decimal(start)]),
    ...input,
    ...(seconds === undefined ? [] : ['-t', decimal(seconds)]),
    ...['-map', '0:v:0', '-sws_flags', 'bicubic+accurate_rnd+full_chroma_int', '-vf', filters.join(',')],
    // Every frame as it comes: none repeated or left out to keep a constant rate.
    ...['-vsync', '0'],
    ...(maxFrames === undefined ? [] : ['-frames:v', String(maxFrames)]),
    ...['-f', 'image2pipe', '-c:v', 'ppm', 'pipe:1'],
  ];
}

/** To the microsecond, which is ffmpeg's unit; it does not read exponents. */
function decimal(seconds: number): string {
  return seconds.toFixed(6);
}

/** As resampleFrames bounds it. @throws VideoError `VIDEO_OPTIONS` */
function checkRepeats(fps: number | undefined, rate: number | undefined): void {
  if (fps === undefined || rate === undefined || fps <= MAX_REPEATS * rate) return;
  throw new VideoError({
    code: 'VIDEO_OPTIONS',
    message: `fps is ${fps}, but at most ${MAX_REPEATS} times the rate of the video, which is ${rate}, was expected.`,
  });
}
