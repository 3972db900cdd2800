import { kernelHex } from './generated.js';

/** The passes of a resize in WebAssembly with SIMD (kernel/resample.ts); addresses and lengths are bytes of its memory. */
export interface Kernel {
  /** Of one size, which bounds what it takes on: whatever the picture, it streams through. */
  readonly memory: { readonly buffer: ArrayBuffer };
  /** Four rows along x. */
  across(source: number, rowBytes: number, table: number, size: number, channels: number, out: number, outBytes: number): void;
  /** One row along y. */
  down(rows: number, rowBytes: number, weights: number, steps: number, out: number, length: number): void;
}

/** What is used of the runtime's WebAssembly, which TypeScript declares for browsers alone. */
interface WebAssemblyLike {
  validate(bytes: Uint8Array): boolean;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
}

let kernel: Kernel | null | undefined;

/**
 * The kernel, made at the first call; undefined where WebAssembly or its SIMD is missing or forbidden. Nothing of one resize is left to the
 * next, so that all share it.
 */
export function loadKernel(): Kernel | undefined {
  if (kernel === undefined) kernel = makeKernel((globalThis as { WebAssembly?: WebAssemblyLike }).WebAssembly);
  return kernel ?? undefined;
}

/** Synchronous, which Chrome's main thread allows below 4 KB. Null where it cannot be. */
export function makeKernel(wasm: WebAssemblyLike | undefined): Kernel | null {
  const bytes = Uint8Array.from({ length: kernelHex.length / 2 }, (_, i) => Number.parseInt(kernelHex.slice(2 * i, 2 * i + 2), 16));
  try {
    return wasm?.validate(bytes) ? (new wasm.Instance(new wasm.Module(bytes)).exports as Kernel) : null;
  } catch {
    // A page's security policy without 'wasm-unsafe-eval' refuses to compile what is valid.
    return null;
  }
}
