import { VideoError } from '../errors.js';

/** What is used of mediabunny: its own types need those of the DOM, which no library that Node's sources may name has. */
export interface Mediabunny {
  readonly Input: new (options: { readonly formats: readonly object[]; readonly source: Source }) => Input;
  readonly BlobSource: new (blob: Blob) => Source;
  readonly BufferSource: new (bytes: Uint8Array) => Source;
  readonly VideoSampleSink: new (track: VideoTrack) => { samples(start: number): AsyncIterator<VideoSample, void, undefined> };
  readonly UnsupportedInputFormatError: new () => Error;
  readonly MP4: object;
  readonly QTFF: object;
  readonly MATROSKA: object;
  readonly WEBM: object;
  readonly MPEG_TS: object;
}

/** Where bytes come from; null where there are no more. */
export interface Source {
  _read(start: number, end: number, ...limits: readonly number[]): object | null | Promise<object | null>;
}

export interface Input {
  getTracks(): Promise<readonly object[]>;
  getVideoTracks(): Promise<readonly VideoTrack[]>;
  dispose(): void;
}

export interface VideoTrack {
  getCodec(): Promise<string | null>;
  canDecode(): Promise<boolean>;
  getCodedWidth(): Promise<number>;
  getCodedHeight(): Promise<number>;
  /** Degrees clockwise. */
  getRotation(): Promise<number>;
  /** The matrix is undefined where the file does not say. */
  getColorSpace(): Promise<{ readonly matrix?: string | null; readonly fullRange?: boolean | null }>;
  canBeTransparent(): Promise<boolean>;
  getFirstTimestamp(): Promise<number>;
  /** Where the last frame ends, in seconds. */
  getDurationFromMetadata(): Promise<number | null>;
  computeFrameRateMetrics(): Promise<{
    readonly bestGuessFrameRate: number;
    readonly averageFrameRate: number;
    readonly frameRateIsConstant: boolean;
    readonly probedPacketCount: number;
  }>;
}

/** A decoded frame as the decoder left it: unturned, cut to what is to be seen. */
export interface VideoSample {
  /** Null for frames that only the graphics processor can read. */
  readonly format: string | null;
  readonly codedWidth: number;
  readonly codedHeight: number;
  readonly rotation: number;
  /** Left and right change places, after rotation. */
  readonly flip: boolean;
  /** Seconds. */
  readonly timestamp: number;
  readonly duration: number;
  copyTo(into: Uint8Array, options: { readonly layout: readonly { readonly offset: number; readonly stride: number }[] }): Promise<unknown>;
  toVideoFrame(): VideoFrame;
  close(): void;
}

export interface VideoFrame {
  close(): void;
}

const importMediabunny = async () => (await import('mediabunny')) as unknown as Mediabunny;

/** Loads mediabunny, an optional peer. @throws VideoError `VIDEO_MEDIABUNNY_MISSING`, which says what to install. */
export async function loadMediabunny(load: () => Promise<Mediabunny> = importMediabunny): Promise<Mediabunny> {
  try {
    return await load();
  } catch (cause) {
    throw new VideoError({
      code: 'VIDEO_MEDIABUNNY_MISSING',
      message: 'reading video files in browsers needs the package mediabunny, which could not be loaded.',
      fix: 'Run: npm install mediabunny',
      cause,
    });
  }
}

/** @throws VideoError `VIDEO_DECODER_MISSING` where the browser has no WebCodecs, and in Node. */
export function checkDecoder(): void {
  if ((globalThis as { readonly VideoDecoder?: unknown }).VideoDecoder) return;
  throw new VideoError({
    code: 'VIDEO_DECODER_MISSING',
    message: 'decoding video files needs WebCodecs (VideoDecoder), which there is not here.',
    fix: 'Use a recent browser on a secure page (https or localhost); in Node import @polymodal/video-tubelets/ffmpeg.',
  });
}
