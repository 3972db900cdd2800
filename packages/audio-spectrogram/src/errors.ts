import { PolymodalError } from '@polymodal/modality-registry';

/** Every error that this package throws on purpose; `code` says which (the README lists them). */
export class AudioError extends PolymodalError {}

/** AUDIO_OPTION for a value that an option cannot have. */
export function optionError(name: string, value: unknown, expected: string): AudioError {
  return new AudioError({ code: 'AUDIO_OPTION', message: `${name} is ${shown(value)}, but ${expected} was expected.` });
}

/** `options` of what `name` says, where they are an object. @throws AudioError AUDIO_OPTION for what is none, such as options that were forgotten */
export function checkOptions<T>(name: string, options: T): T {
  if (options && typeof options === 'object') return options;
  throw optionError(`${name}: options`, options, 'an object');
}

/** An unknown value as text, shortened for a message. */
export function shown(value: unknown): string {
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}
