import { describe, optionsError, type TokenizerError } from '../errors.js';

/** How often a placeholder is repeated, or the text that takes its place; a function is told which occurrence it is, from 0. */
export type Expansion = number | string | ((index: number) => number | string);

/** Far beyond any context window. */
const maximumLength = 2 ** 26;

/**
 * Writes placeholders as often as the model has ids for what they stand for, as processors do:
 * `expandPlaceholders('<image>\nWhat is this?', { '<image>': 576 })` for LLaVA-1.5. Throws TOKENIZER_OPTIONS for counts that cannot be.
 */
export function expandPlaceholders(text: string, expansions: Readonly<Record<string, Expansion>>): string {
  const names = Object.keys(expansions).sort((a, b) => b.length - a.length);
  if (names.length === 0) return text;
  if (names.includes('')) throw wrong('a placeholder is the empty text', "Name it as the template writes it, such as '<image>'.");
  const pattern = new RegExp(names.map((name) => name.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')).join('|'), 'g');
  const seen = new Map<string, number>();
  let length = text.length;
  return text.replace(pattern, (name) => {
    const index = seen.get(name) ?? 0;
    seen.set(name, index + 1);
    const expansion = expansions[name];
    const value = typeof expansion === 'function' ? expansion(index) : expansion;
    const count = typeof value === 'string' ? value.length : Number.isInteger(value) && value! >= 0 ? value! * name.length : Number.NaN;
    if (Number.isNaN(count))
      throw wrong(`${name} number ${index} is to be repeated ${describe(value)} times`, 'Give a whole number from 0, or a text.');
    length += count - name.length;
    if (length > maximumLength)
      throw wrong(`the text would grow beyond ${maximumLength} characters at ${name} number ${index}`, 'Check the counts.');
    return typeof value === 'string' ? value : name.repeat(value!);
  });
}

function wrong(message: string, fix: string): TokenizerError {
  return optionsError(`${message}.`, fix);
}
