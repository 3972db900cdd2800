import { PolymodalError } from '@polymodal/modality-registry';

/** Every error that this package throws on purpose; `code` says which (the README lists them). */
export class ImageError extends PolymodalError {}

/** `options`, where they are an object. @throws ImageError `IMAGE_OPTIONS` for what is none, such as options that were forgotten. */
export function checkOptions<T>(options: T, expected = 'an object', what = 'options'): T {
  if (typeof options === 'object' && options !== null) return options;
  throw new ImageError({ code: 'IMAGE_OPTIONS', message: `${what}: ${shown(options)} was given, but ${expected} was expected.` });
}

/** @throws ImageError `code` unless `value` is one of `choices`: a name that is misspelt must not stand for the default. */
export function checkChoice(name: string, value: unknown, choices: readonly string[], code = 'IMAGE_MODE'): void {
  if (choices.includes(value as string)) return;
  throw new ImageError({ code, message: `${name} is ${shown(value)}, but one of ${choices.join(', ')} was expected.` });
}

/** An unknown value as text, shortened for a message. */
export function shown(value: unknown): string {
  const text = typeof value === 'string' ? JSON.stringify(value) : Array.isArray(value) ? `[${value.join(', ')}]` : String(value);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}
