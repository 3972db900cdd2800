/** A bank of filters over frequencies, without its zeros: filter f weighs bins starts[f] … starts[f] + lengths[f] - 1. */
export interface SparseFilters {
  readonly count: number;
  readonly starts: Int32Array;
  readonly lengths: Int32Array;
  /** Those of all filters, one behind the other. */
  readonly weights: Float64Array;
}

/** What becomes of a value v: log(max(v, floor)) or log(v + floor). */
export interface LogRecipe {
  readonly base: 'e' | '10';
  readonly floor: number;
  readonly how: 'max' | 'add';
}

/** What becomes of every frame of samples, all of it in float64. */
export interface Recipe {
  /** Samples in a frame, of any number. */
  readonly fftLength: number;
  /** Samples from one frame to the next. */
  readonly hop: number;
  /** `fftLength` factors; a shorter window stands within zeros. */
  readonly window: Float64Array;
  /** 1: magnitude, 2: power. */
  readonly power: 1 | 2;
  /** Without them, a value for each frequency. */
  readonly filters?: SparseFilters | undefined;
  readonly log?: LogRecipe | undefined;
}

/** Turns frames into features; it holds work memory, so that calls of one engine must not overlap. */
export interface FrameEngine {
  /** Values of a frame: filters, or fftLength / 2 + 1 frequencies. */
  readonly bins: number;
  /**
   * Frame i (of `frames`) begins at sample start + i · hop and must lie within the samples; its value of bin b goes to
   * out[outOffset + b · outStride + i]. A frame's values do not depend on what else is computed with it.
   */
  run(samples: Float32Array | Float64Array, start: number, frames: number, out: Float32Array, outOffset: number, outStride: number): void;
}
