import { AudioError, optionError, shown } from './errors.js';

/** @throws AudioError AUDIO_OPTION unless `value` is one of `choices`: a word that is misspelt must not stand for the default */
export function checkChoice(name: string, value: unknown, choices: readonly unknown[]): void {
  if (!choices.includes(value)) throw optionError(name, value, `one of ${choices.join(', ')}`);
}

/** @throws AudioError AUDIO_OPTION unless `value` is a boolean: 'false' is true to JavaScript */
export function checkFlag(name: string, value: unknown): void {
  if (typeof value !== 'boolean') throw optionError(name, value, 'true or false');
}

/** @throws AudioError AUDIO_OPTION for the first name among `options` that `known` lacks, such as another library's */
export function checkNames(what: string, options: object, known: readonly string[]): void {
  const name = Object.keys(options).find((key) => !known.includes(key));
  if (name === undefined) return;
  throw new AudioError({ code: 'AUDIO_OPTION', message: `${what} has no option ${shown(name)}; it has ${known.join(', ')}.` });
}
