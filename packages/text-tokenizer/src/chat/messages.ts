import { describe, inputError, type TokenizerError } from '../errors.js';

/** A part of a message: text, or a place for something else, whose other fields (`image`, `url`, …) only the template looks at. */
export type ContentPart =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'image' | 'audio' | 'video' | (string & {}); readonly [field: string]: unknown };

/** One turn of a conversation; more fields (`tool_calls`, `reasoning_content`, …) go to the template as they are. */
export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant' | 'tool' | (string & {});
  readonly content?: string | readonly ContentPart[] | null;
  readonly [field: string]: unknown;
}

const maximumDepth = 64;

/**
 * Messages, tools and the like as plain data that a template may read: what is no JSON (pixels, functions, instances of classes) becomes
 * `true`, so that a template can see that it is there. Throws TOKENIZER_INPUT when the data nest too deep.
 */
export function plainData(value: unknown, depth = 0): unknown {
  if (value === null || value === undefined || typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number')
    return value;
  if (depth > maximumDepth) throw invalid(`nest deeper than ${maximumDepth} levels, or hold themselves`, 'Pass plain JSON.');
  if (Array.isArray(value)) return value.map((item) => plainData(item, depth + 1));
  if (typeof value !== 'object') return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  // A plain object of another realm (a worker, a test runner) has a prototype that itself has none.
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) return true;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plainData(item, depth + 1)]));
}

/** A message as plain data that may be changed. */
export type PlainMessage = Record<string, unknown>;

/** Throws TOKENIZER_INPUT unless these are messages. */
export function plainMessages(messages: readonly ChatMessage[]): PlainMessage[] {
  if (!Array.isArray(messages) || messages.length === 0)
    throw invalid(`are ${describe(messages)}, but at least one message was expected`, "Pass [{ role: 'user', content: '…' }].");
  return messages.map((message: unknown, i) => {
    if (typeof message !== 'object' || message === null || Array.isArray(message) || typeof (message as ChatMessage).role !== 'string')
      throw invalid(
        `have ${describe(message)} at place ${i}, but an object with a role was expected`,
        "Pass { role: 'user', content: '…' }.",
      );
    return plainData(message) as PlainMessage;
  });
}

function invalid(message: string, fix: string): TokenizerError {
  return inputError(`the messages ${message}.`, fix);
}
