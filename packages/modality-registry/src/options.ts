/// <reference lib="esnext.disposable" />

/** Progress of a long call: `done` of `total` units; `total` is absent where it cannot be known. */
export interface Progress {
  readonly done: number;
  readonly total?: number;
  /** What is being done, such as `embedding`. */
  readonly stage?: string;
}

/** What every verb that can take long accepts: an aborted call rejects with the signal's reason. */
export interface CallOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

/** Holders of memory outside JavaScript's heap. Calling `dispose` twice is harmless. */
export interface Disposable {
  dispose(): Promise<void> | void;
  [Symbol.asyncDispose](): Promise<void>;
}
