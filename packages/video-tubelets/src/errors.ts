import { PolymodalError } from '@polymodal/modality-registry';

/** Every error that this package throws on purpose, beside the ImageErrors of single frames; `code` says which (the README lists them). */
export class VideoError extends PolymodalError {}

/** An unknown value as text, shortened for a message. */
export function shown(value: unknown): string {
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}

/** `options`, where they are an object. @throws VideoError `VIDEO_OPTIONS` for what is none, such as null. */
export function checkOptions<T>(options: T): T {
  if (typeof options === 'object' && options !== null) return options;
  throw new VideoError({ code: 'VIDEO_OPTIONS', message: `options are ${shown(options)}, but an object was expected.` });
}

/** @throws VideoError with `code` unless `value` is a positive integer. */
export function checkCount(what: string, value: unknown, code: string): asserts value is number {
  if (Number.isSafeInteger(value) && (value as number) > 0) return;
  throw new VideoError({ code, message: `${what} is ${shown(value)}, but a positive integer was expected.` });
}
