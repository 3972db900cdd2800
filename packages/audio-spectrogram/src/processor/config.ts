import { AudioError, shown } from '../errors.js';

/** A `preprocessor_config.json`, parsed; fields that are absent take the defaults of its type, as in Hugging Face transformers. */
export interface AudioPreprocessorConfig {
  readonly feature_extractor_type?: string;
  readonly sampling_rate?: number | null;
  readonly feature_size?: number | null;
  readonly padding_value?: number | null;
  readonly padding_side?: string | null;
  readonly return_attention_mask?: boolean | null;
  readonly do_normalize?: boolean | null;
  readonly [field: string]: unknown;
}

/** Beyond this, features would leave float32. */
const MOST = 1e30;

/** The fields of a configuration, each checked when it is read. */
export interface Fields {
  /** A number that float32 holds, with room. */
  number(name: string): number;
  /** A whole number of at least 1. */
  count(name: string): number;
  flag(name: string): boolean;
  /** One of some words. */
  word<T extends string>(name: string, allowed: readonly T[]): T;
  /** Fails unless a field has the one value that its type allows. */
  only(name: string, value: unknown): void;
}

/** @throws AudioError AUDIO_PROCESSOR_CONFIG for a configuration that is no object; its functions where a field is of the wrong kind */
export function fieldsOf(config: AudioPreprocessorConfig, defaults: Readonly<Record<string, unknown>>): Fields {
  const given = Object.entries(config).filter(([, value]) => value !== undefined && value !== null);
  const fields = new Map<string, unknown>([...Object.entries(defaults), ...given]);
  return {
    number(name) {
      const value = fields.get(name);
      if (typeof value !== 'number' || !(Math.abs(value) <= MOST)) throw wrong(name, value, `a number up to ±${MOST}`);
      return value;
    },
    count(name) {
      const value = fields.get(name);
      if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 1) throw wrong(name, value, 'a whole number of 1 or more');
      return value;
    },
    flag(name) {
      const value = fields.get(name);
      if (typeof value !== 'boolean') throw wrong(name, value, 'true or false');
      return value;
    },
    word(name, allowed) {
      const value = allowed.find((one) => one === fields.get(name));
      if (value === undefined) throw wrong(name, fields.get(name), `one of ${allowed.join(', ')}`);
      return value;
    },
    only(name, value) {
      if (fields.has(name) && fields.get(name) !== value)
        throw wrong(name, fields.get(name), `${JSON.stringify(value)}, all that this type has,`);
    },
  };
}

export function wrong(field: string, value: unknown, expected: string): AudioError {
  return new AudioError({
    code: 'AUDIO_PROCESSOR_CONFIG',
    message: `${field} is ${shown(typeof value === 'object' ? JSON.stringify(value) : value)}, but ${expected} was expected.`,
    fix: 'Compare with the preprocessor_config.json of the published model.',
  });
}
