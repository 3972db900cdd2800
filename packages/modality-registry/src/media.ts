/** A decoded picture: row-major, interleaved, 8 bits per channel; `ImageData` fits. `channels` defaults to data.length / (width × height). */
export interface Image {
  readonly data: Uint8ClampedArray | Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly channels?: number;
}

/** Mono sound: samples in [-1, 1] at `sampleRate` hertz. */
export interface Audio {
  readonly data: Float32Array;
  readonly sampleRate: number;
}

/** A clip: frames of equal size, at `frameRate` frames per second where it is known. */
export interface Video {
  readonly frames: readonly Image[] | AsyncIterable<Image>;
  readonly frameRate?: number;
}

/**
 * The raw type of every modality, by name. Third parties add theirs by declaration merging:
 *
 * @example
 * declare module '@polymodal/modality-registry' {
 *   interface ModalityMap { depth: DepthMap }
 * }
 */
export interface ModalityMap {
  text: string;
  image: Image;
  audio: Audio;
  video: Video;
}

export type Modality = keyof ModalityMap;
