import { sha256 } from './sha256.js';

/** What a fingerprint looks like: 16 lower-case hex digits. */
export const fingerprintPattern = /^[0-9a-f]{16}$/;

/**
 * Names a space by what it is made of: the first 16 hex digits of sha256 over the parts, one after the other.
 *
 * Pass weights, tokenizer and preprocessing, in this order; `cat model.safetensors tokenizer.json preprocessor_config.json | sha256sum`
 * begins with the same digits. Strings count as UTF-8.
 */
export function fingerprint(parts: Iterable<ArrayBufferView | string>): string {
  return sha256(parts).slice(0, 16);
}
