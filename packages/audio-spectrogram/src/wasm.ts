/** What is used of the runtime's WebAssembly, which TypeScript declares for browsers alone. */
export interface WebAssemblyLike {
  validate(bytes: Uint8Array): boolean;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
}

/**
 * The exports of a module given in hexadecimal; null where WebAssembly or its SIMD is missing or forbidden. Synchronous, which Chrome's main
 * thread allows below 4 KB.
 */
export function instantiate<Exports>(
  hex: string,
  wasm: WebAssemblyLike | undefined = (globalThis as { WebAssembly?: WebAssemblyLike }).WebAssembly,
): Exports | null {
  const bytes = Uint8Array.from({ length: hex.length / 2 }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16));
  try {
    return wasm?.validate(bytes) ? (new wasm.Instance(new wasm.Module(bytes)).exports as Exports) : null;
  } catch {
    // A page's security policy without 'wasm-unsafe-eval' refuses to compile what is valid.
    return null;
  }
}
