import { VideoError } from '../errors.js';

/** What is used of WebCodecs' ImageDecoder: its types are in no library that Node's sources may name. */
export interface ImageDecoder {
  readonly tracks: {
    readonly ready: Promise<void>;
    readonly selectedTrack: { readonly frameCount: number } | null;
  };
  readonly completed: Promise<void>;
  decode(options: { readonly frameIndex: number }): Promise<{ readonly image: VideoFrame }>;
  close(): void;
}

interface VideoFrame {
  readonly displayWidth: number;
  readonly displayHeight: number;
  /** Microseconds. */
  readonly duration: number | null;
  copyTo(into: Uint8Array, options: { readonly format: 'RGBA'; readonly colorSpace: 'srgb' }): Promise<unknown>;
  close(): void;
}

interface ImageDecoderConstructor {
  new (init: {
    readonly type: string;
    readonly data: Uint8Array;
    readonly premultiplyAlpha: 'none';
    readonly colorSpaceConversion: 'none';
    readonly preferAnimation: boolean;
  }): ImageDecoder;
}

/** A decoder of an animated picture. @throws VideoError `VIDEO_IMAGE_DECODER_MISSING` where the browser has none, and in Node. */
export function createDecoder(data: Uint8Array, format: 'gif' | 'webp'): ImageDecoder {
  const { ImageDecoder } = globalThis as { ImageDecoder?: ImageDecoderConstructor };
  if (!ImageDecoder) {
    throw new VideoError({
      code: 'VIDEO_IMAGE_DECODER_MISSING',
      message: 'decoding animated pictures needs WebCodecs (ImageDecoder), which there is not here.',
      fix: 'Use a recent browser on a secure page (https or localhost); in Node import @polymodal/video-tubelets/node.',
    });
  }
  return new ImageDecoder({ type: `image/${format}`, data, premultiplyAlpha: 'none', colorSpaceConversion: 'none', preferAnimation: true });
}
