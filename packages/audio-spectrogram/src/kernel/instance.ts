import { instantiate } from '../wasm.js';
import { kernelHex } from './generated.js';

/** Frames to features in WebAssembly with SIMD (kernel/frames.ts); addresses and lengths are bytes of its memory. */
export interface Kernel {
  /** Of one size: however long a sound is, it goes through in blocks. */
  readonly memory: { readonly buffer: ArrayBuffer };
  /** By the plan that stands at address 0, float32 values of `frames` frames: those of bin b from out + b · rowBytes on. */
  run(samples: number, hopBytes: number, frames: number, out: number, rowBytes: number): void;
}

let kernel: Kernel | null | undefined;

/** The kernel, made at the first call and shared by all engines; null where WebAssembly or its SIMD is missing or forbidden. */
export function loadKernel(): Kernel | null {
  if (kernel === undefined) kernel = instantiate<Kernel>(kernelHex);
  return kernel;
}
