import { PolymodalError } from '@polymodal/modality-registry';

/**
 * What this package throws on purpose. Codes: `TOKENIZER_INPUT` (not text, not ids), `TOKENIZER_OPTIONS`, `TOKENIZER_TOO_LONG`,
 * `TOKENIZER_ID` (an id outside the vocabulary), `TOKENIZER_FILE` (a damaged file; the message names the place),
 * `TOKENIZER_UNSUPPORTED` (a component that this package does not know; the message names it), `TOKENIZER_NOT_EXPRESSIBLE`.
 */
export class TokenizerError extends PolymodalError {}

/** `message`: what was given, and what was expected; `fix`: what to do about it. */
export function inputError(message: string, fix: string, cause?: unknown): TokenizerError {
  return new TokenizerError({ code: 'TOKENIZER_INPUT', message, fix, cause });
}

export function optionsError(message: string, fix: string): TokenizerError {
  return new TokenizerError({ code: 'TOKENIZER_OPTIONS', message, fix });
}

export function fileError(message: string, fix: string, cause?: unknown): TokenizerError {
  return new TokenizerError({ code: 'TOKENIZER_FILE', message, fix, cause });
}

/** Describes a wrong value in a message without printing all of a megabyte. */
export function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
  if (value === null || typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean' || value === undefined)
    return String(value);
  if (Array.isArray(value)) return `an array of ${value.length}`;
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** Throws unless `text` is a string: callers in plain JavaScript pass undefined, numbers and nested arrays. */
export function checkText(text: unknown): asserts text is string {
  if (typeof text === 'string') return;
  throw inputError(
    `the text to encode is ${describe(text)}, but a string was expected.`,
    Array.isArray(text) ? 'For several texts call encodeBatch.' : 'Convert it to a string first.',
  );
}
