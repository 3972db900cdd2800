import { PolymodalError } from '@polymodal/modality-registry';

/** Every error that this package throws on purpose; `code` says which (the README lists them). */
export class AudioError extends PolymodalError {}

/** `options`, where they are an object. @throws AudioError AUDIO_OPTION for what is none, such as options that were forgotten */
export function checkOptions<T>(name: string, options: T): T {
  if (options && typeof options === 'object') return options;
  throw new AudioError({ code: 'AUDIO_OPTION', message: `${name}: ${shown(options)} was given, but an object of options was expected.` });
}

/** An unknown value as text, shortened for a message. */
export function shown(value: unknown): string {
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}
