import { readFileSync } from 'node:fs';
import { expect } from '@jest/globals';
import type { TensorLike } from '@polymodal/modality-registry';
import { parseSafetensors } from '../src/safetensors.js';

export type Float32Tensor = TensorLike<'float32'>;

/** What PyTorch wrote to src/goldens, by name. */
export function golden(file: string): (name: string) => Float32Tensor {
  const { tensors } = parseSafetensors(new Uint8Array(readFileSync(new URL(`../src/goldens/${file}.safetensors`, import.meta.url))));
  return (name) => {
    const tensor = tensors.get(name);
    if (tensor?.type !== 'float32') throw new Error(`no golden '${name}' in ${file}`);
    return tensor as Float32Tensor;
  };
}

/** Asserts that two lists agree to `tolerance`, relative for numbers above 1. Returns the largest error. */
export function expectClose(given: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): number {
  expect(given.length).toBe(expected.length);
  let worst = 0;
  for (let i = 0; i < expected.length; i++) {
    const error = Math.abs(given[i]! - expected[i]!) / Math.max(1, Math.abs(expected[i]!));
    if (!(error <= worst)) worst = error;
  }
  expect(worst).toBeLessThanOrEqual(tolerance);
  return worst;
}
