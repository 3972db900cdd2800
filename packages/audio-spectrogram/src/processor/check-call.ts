import { checkNames } from '../choices.js';
import { checkOptions, optionError } from '../errors.js';
import type { AudioProcessorOptions } from './extractor.js';

type Check = readonly [is: (value: unknown) => boolean, expected: string];

const flag: Check = [(value) => typeof value === 'boolean', 'true or false'];
const whole = (least: number): Check => [
  (value) => Number.isSafeInteger(value) && (value as number) >= least,
  `a whole number from ${least}`,
];
const word = (...words: readonly unknown[]): Check => [(value) => words.includes(value), `one of ${words.join(', ')}`];

const checks: { readonly [Name in keyof Required<AudioProcessorOptions>]: Check } = {
  padding: word('longest', 'max', false),
  maxLength: whole(1),
  truncation: flag,
  multipleOf: whole(1),
  attentionMask: flag,
  normalize: flag,
  seed: whole(0),
  notFinite: word('error', 'zero'),
  onWarning: [(value) => typeof value === 'function', 'a function'],
};

/** Every option of a call, whether its type needs it or not. @throws AudioError AUDIO_OPTION for one that there cannot be, and for unknown names */
export function checkCall(options: AudioProcessorOptions): void {
  checkNames('the processor', checkOptions('the processor', options), Object.keys(checks));
  for (const [name, value] of Object.entries(options)) {
    const [is, expected] = checks[name as keyof typeof checks];
    if (value !== undefined && !is(value)) throw optionError(name, value, expected);
  }
}
