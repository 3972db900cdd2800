import type { Space } from '@polymodal/modality-registry';
import { RetrievalError } from './errors.js';
import type { Metadata } from './vector-index.js';

/** Whether a value parsed from JSON is an object with flat, storable values. */
export function isMetadata(value: unknown): value is Metadata {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.values(value).every((x) => x === null || typeof x === 'string' || typeof x === 'boolean' || Number.isFinite(x));
}

/** @throws RetrievalError `ITEM_METADATA` */
export function checkMetadata(metadata: Metadata, id: string): void {
  if (!isMetadata(metadata))
    throw new RetrievalError({
      code: 'ITEM_METADATA',
      message: `the metadata of ${JSON.stringify(id)} must be a flat object of strings, finite numbers, booleans and nulls.`,
      fix: 'Store nested values as JSON text.',
    });
}

export function sameSpace(a: Space, b: Space): boolean {
  return a.fingerprint === b.fingerprint;
}

/** @throws RetrievalError `SPACE_MISMATCH`, which names both spaces */
export function checkSpace(expected: Space, actual: Space, what: string, fix: string): void {
  if (sameSpace(expected, actual)) return;
  throw new RetrievalError({
    code: 'SPACE_MISMATCH',
    message: `${what} is in space ${describeSpace(actual)}, but ${describeSpace(expected)} was expected: their vectors cannot be compared.`,
    fix,
  });
}

export function describeSpace({ name, fingerprint }: Space): string {
  return `'${name}' (${fingerprint})`;
}
