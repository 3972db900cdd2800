import { instantiate, type WebAssemblyLike } from '../wasm.js';
import type { Bank } from './bank.js';
import { kernelHex } from './generated.js';

/** The sums of a resampling in WebAssembly with SIMD (kernel/resample.ts); addresses and lengths are bytes of its memory. */
export interface Kernel {
  /** Of one size, which bounds what it takes on: whatever the signal, it streams through. */
  readonly memory: { readonly buffer: ArrayBuffer };
  filter(
    starts: number,
    weights: number,
    tapBytes: number,
    phase: number,
    lastPhase: number,
    blocks: number,
    input: number,
    inBytes: number,
    out: number,
    outBytes: number,
  ): void;
  /** 1 where a sample is beyond ±limit or not a number. */
  beyond(samples: number, count: number, limit: number): number;
}

/** The kernel with the bank that stands in its memory, so that chunks of one signal write it once. */
export interface LoadedKernel {
  readonly kernel: Kernel;
  bank?: Bank;
}

let loaded: LoadedKernel | null | undefined;

/** The kernel, made at the first call and shared; null where WebAssembly or its SIMD is missing or forbidden. */
export function loadKernel(): LoadedKernel | null {
  if (loaded === undefined) loaded = makeKernel();
  return loaded;
}

/** A kernel of its own. */
export function makeKernel(wasm?: WebAssemblyLike): LoadedKernel | null {
  const kernel = instantiate<Kernel>(kernelHex, wasm);
  return kernel && { kernel };
}
