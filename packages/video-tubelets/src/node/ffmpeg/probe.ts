import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkOptions, shown, VideoError } from '../../errors.js';
import type { VideoInfo } from '../../video-file.js';
import { startTool } from './process.js';

export interface ProbeOptions {
  /** The command to run; default `ffprobe`, from the path. */
  readonly ffprobe?: string;
  readonly signal?: AbortSignal;
}

const MAX_REPORT_BYTES = 1_000_000;

/**
 * Reads what a video file's header says, through the system's ffprobe.
 *
 * @throws VideoError `VIDEO_FILE` for a file that cannot be read, `VIDEO_DECODE` for one that is no video, `VIDEO_EMPTY` for one without pictures,
 *   `VIDEO_OPTIONS`, `VIDEO_FFMPEG_MISSING`; the signal's reason.
 */
export async function probeVideo(path: string | URL, options: ProbeOptions = {}): Promise<VideoInfo> {
  const { ffprobe = 'ffprobe', signal } = checkOptions(options);
  const stream = 'stream=codec_name,width,height,avg_frame_rate,nb_frames,duration:stream_side_data=rotation';
  const input = await inputOf(path);
  const args = ['-v', 'error', ...input, '-select_streams', 'v:0', '-show_entries', `${stream}:format=duration`, '-of', 'json'];
  const tool = startTool(ffprobe, args, signal);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of tool.stdout) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > MAX_REPORT_BYTES) break;
    }
  } finally {
    if (bytes > MAX_REPORT_BYTES) await tool.stop();
  }
  const { code, stderr } = await tool.finished;
  signal?.throwIfAborted();
  if (code !== 0) throw undecodable(path, stderr);
  return readReport(parse(Buffer.concat(chunks).toString('utf8')), path);
}

/** A file as ffmpeg's arguments; only the file itself may be opened, whatever a playlist in it names. @throws VideoError `VIDEO_FILE`. */
export async function inputOf(path: string | URL): Promise<readonly string[]> {
  try {
    const file = resolve(typeof path === 'string' ? path : fileURLToPath(path));
    if (!(await stat(file)).isFile()) throw new Error('it is no file');
    return ['-protocol_whitelist', 'file', '-i', `file:${file}`];
  } catch (cause) {
    throw new VideoError({
      code: 'VIDEO_FILE',
      message: `${shown(String(path))} cannot be read (${cause instanceof Error ? cause.message : shown(cause)}).`,
      fix: 'Check that the path names a video file that may be read.',
      cause,
    });
  }
}

export function undecodable(path: string | URL, stderr: string): VideoError {
  return new VideoError({
    code: 'VIDEO_DECODE',
    message: `${shown(String(path))} cannot be decoded (${lastLine(stderr) || 'ffmpeg says nothing'}).`,
    fix: 'Play it in a video player: it may be damaged, or of a kind that this ffmpeg was built without.',
  });
}

/** The last thing that a tool said, shortened. */
export function lastLine(stderr: string): string {
  return (stderr.split('\n').at(-1) ?? '').slice(-300);
}

interface Report {
  readonly streams?: readonly {
    readonly codec_name?: string;
    readonly width?: number;
    readonly height?: number;
    readonly avg_frame_rate?: string;
    readonly nb_frames?: string;
    readonly duration?: string;
    readonly side_data_list?: readonly { readonly rotation?: number }[];
  }[];
  readonly format?: { readonly duration?: string };
}

function parse(json: string): Report | null {
  try {
    return JSON.parse(json) as Report | null;
  } catch (cause) {
    throw new VideoError({
      code: 'VIDEO_DECODE',
      message: `ffprobe wrote ${shown(json)}, but JSON was expected.`,
      fix: 'Check that { ffprobe } names the ffprobe program.',
      cause,
    });
  }
}

function readReport(report: Report | null, path: string | URL): VideoInfo {
  const stream = report?.streams?.[0];
  if (!stream?.width || !stream.height) {
    throw new VideoError({ code: 'VIDEO_EMPTY', message: `${shown(String(path))} has no pictures, only other tracks or none.` });
  }
  const [over = 0, under = 0] = (stream.avg_frame_rate ?? '').split('/').map(Number);
  const frameRate = positive(over / under);
  const seconds = positive(Number(stream.duration)) ?? positive(Number(report?.format?.duration));
  const counted = positive(Number(stream.nb_frames));
  const estimated = frameRate && seconds ? Math.round(frameRate * seconds) : undefined;
  const rotation = stream.side_data_list?.find(({ rotation }) => rotation !== undefined)?.rotation ?? 0;
  const [width, height] = rotation % 180 === 0 ? [stream.width, stream.height] : [stream.height, stream.width];
  return { width, height, frameRate, seconds, frames: counted ?? estimated, codec: stream.codec_name ?? 'unknown' };
}

function positive(value: number): number | undefined {
  return Number.isFinite(value) && value > 0 ? value : undefined;
}
