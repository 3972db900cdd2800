import { PolymodalError } from '@polymodal/modality-registry';

/** Every error that this package throws on purpose; `code` says which (the README lists them). */
export class AudioError extends PolymodalError {}

/** An unknown value as text, shortened for a message. */
export function shown(value: unknown): string {
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}
