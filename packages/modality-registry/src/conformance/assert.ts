import { PolymodalError } from '../errors.js';

/** A plugin does not keep a promise of the contract (CONFORMANCE_FAILED), or the kit was called wrongly (CONFORMANCE_OPTIONS). */
export class ConformanceError extends PolymodalError {}

export function fail(message: string): never {
  throw new ConformanceError({ code: 'CONFORMANCE_FAILED', message });
}

export function check(holds: boolean, message: () => string): asserts holds {
  if (!holds) fail(message());
}

/** A short form of any value, for messages. */
export function show(value: unknown): string {
  if (typeof value === 'string') return value.length > 60 ? `'${value.slice(0, 60)}…'` : `'${value}'`;
  if (value instanceof Error) return String(value);
  if (Array.isArray(value)) return `[${value.slice(0, 8).map(show).join(', ')}${value.length > 8 ? ', …' : ''}]`;
  if (ArrayBuffer.isView(value)) return `${tag(value)} of ${value.byteLength} bytes`;
  if (typeof value === 'object' && value !== null) return `{ ${Object.keys(value).slice(0, 8).join(', ') || 'nothing'} }`;
  return typeof value === 'function' ? 'a function' : String(value);
}

/** The class of an object, across realms, such as `Float32Array`. */
export function tag(value: unknown): string {
  return Object.prototype.toString.call(value).slice(8, -1);
}

/** Waits for a call that ought to reject, and returns what it rejected with. */
export async function rejection(call: () => Promise<unknown>, situation: string): Promise<unknown> {
  let pending: Promise<unknown>;
  try {
    pending = call();
  } catch (error) {
    fail(`${situation}: it threw ${show(error)} at once, but a verb returns a promise that rejects (make the method async).`);
  }
  let result: unknown;
  try {
    result = await pending;
  } catch (error) {
    return error;
  }
  fail(`${situation}: it should have rejected, but it resolved to ${show(result)}.`);
}
