import { TokenizerError } from '../errors.js';
import type { JsonReader } from '../json/json-reader.js';

/** What Oniguruma's shorthand classes mean in Unicode mode; JavaScript's \s, \d and \w are other sets. */
const shorthands: Readonly<Record<string, string>> = {
  s: '\\p{White_Space}',
  S: '\\P{White_Space}',
  d: '\\p{Nd}',
  D: '\\P{Nd}',
  w: '\\p{L}\\p{M}\\p{Nd}\\p{Pc}',
};
/** Scripts that Ruby takes by their bare name and JavaScript only as `Script=`. */
const scripts = /* @__PURE__ */ new Set(
  'Arabic Bengali Cyrillic Devanagari Greek Han Hangul Hebrew Hiragana Katakana Latin Tamil Thai'.split(' '),
);
const maximumLength = 20_000;

/**
 * Translates a regular expression of a tokenizer.json (Oniguruma, Ruby syntax) into JavaScript's, global and in Unicode mode.
 * Throws TOKENIZER_UNSUPPORTED for syntax without a translation, and TOKENIZER_FILE for one that could take exponential time:
 * a repeated group whose content varies (it holds a repetition, an option or alternatives).
 */
export function translateRegex(source: string, json: JsonReader): RegExp {
  if (source.length > maximumLength)
    throw json.error(`is a regular expression of ${source.length} characters, but at most ${maximumLength} are read.`);
  const translated = new Translation(source, json).run();
  try {
    return new RegExp(translated, 'gu');
  } catch (cause) {
    throw unsupported(json, `cannot be read: ${(cause as Error).message}`, cause);
  }
}

function unsupported(json: JsonReader, message: string, cause?: unknown): TokenizerError {
  return new TokenizerError({
    code: 'TOKENIZER_UNSUPPORTED',
    message: `${json.path} is a regular expression that ${message}.`,
    fix: 'Rewrite it without that construct.',
    cause,
  });
}

class Translation {
  #at = 0;
  /** Per open group: does it ignore case, and can it match one text in more than one way? */
  #groups: { ignoreCase: boolean; varies: boolean }[] = [{ ignoreCase: false, varies: false }];

  constructor(
    readonly source: string,
    readonly json: JsonReader,
  ) {}

  run(): string {
    let out = '';
    while (this.#at < this.source.length) out += this.#next();
    if (this.#groups.length !== 1) throw unsupported(this.json, 'has an unclosed group');
    return out;
  }

  #take(): string {
    const character = String.fromCodePoint(this.source.codePointAt(this.#at)!);
    this.#at += character.length;
    return character;
  }

  #next(): string {
    const rest = this.source.slice(this.#at, this.#at + 4);
    const top = this.#groups.at(-1)!;
    if (rest.startsWith('(?i:')) {
      this.#at += 4;
      this.#groups.push({ ignoreCase: true, varies: false });
      return '(?:';
    }
    const character = this.#take();
    switch (character) {
      case '(': {
        const opening = /^(?:\?(?:<[=!]|<[A-Za-z_]\w{0,30}>|[:=!]))?/.exec(this.source.slice(this.#at, this.#at + 40))![0];
        if (opening === '' && this.source[this.#at] === '?')
          throw unsupported(this.json, `uses the group (${rest.slice(1, 3)}, which has no translation`);
        this.#at += opening.length;
        this.#groups.push({ ignoreCase: top.ignoreCase, varies: false });
        return `(${opening}`;
      }
      case ')': {
        if (this.#groups.length === 1) throw unsupported(this.json, 'closes a group that it did not open');
        this.#groups.pop();
        const quantifier = this.#quantifier();
        if (quantifier.repeats && top.varies) {
          throw this.json.error(
            'repeats a group whose content varies: such a regular expression can take exponential time.',
            'Rewrite it without repetitions or alternatives inside the repeated group.',
          );
        }
        this.#groups.at(-1)!.varies ||= top.varies || quantifier.text !== '';
        return `)${quantifier.text}`;
      }
      case '[':
        return this.#quantified(this.#class(), top);
      case '\\':
        return this.#quantified(this.#escape(false), top);
      case '|':
        top.varies = true;
        return character;
      // Ruby's anchors are those of lines, and its dot stops at \n alone.
      case '^':
        return '(?:^|(?<=\\n))';
      case '$':
        return '(?=\\n|$)';
      case '.':
        return this.#quantified('[^\\n]', top);
      default: {
        if (character === '{' || character === '}') return this.#quantified(`\\${character}`, top);
        if (character === '*' || character === '+' || character === '?')
          throw unsupported(this.json, `repeats nothing (or possessively) at character ${this.#at - 1}`);
        if (top.ignoreCase && /\p{L}/u.test(character)) return this.#quantified(bothCases(character, this.json), top);
        return this.#quantified(character === ']' || character === '/' ? `\\${character}` : character, top);
      }
    }
  }

  #quantified(atom: string, group: { varies: boolean }): string {
    const quantifier = this.#quantifier();
    group.varies ||= quantifier.text !== '';
    return atom + quantifier.text;
  }

  #quantifier(): { text: string; repeats: boolean } {
    const text = /^(?:[*+?]|\{\d{1,4}(?:,\d{0,4})?\})\??/.exec(this.source.slice(this.#at, this.#at + 16))?.[0] ?? '';
    this.#at += text.length;
    // Everything but `?` and {0,1} can match more than once.
    return { text, repeats: text !== '' && !/^(?:\?|\{0?,?[01]\})/.test(text) };
  }

  #escape(inClass: boolean): string {
    if (this.#at >= this.source.length) throw unsupported(this.json, 'ends in a backslash');
    const character = this.#take();
    const shorthand = shorthands[character];
    if (shorthand !== undefined) return character === 'w' && !inClass ? `[${shorthand}]` : shorthand;
    if (character === 'p' || character === 'P') {
      const property = /^\{(\^?)([A-Za-z_= ]{1,40})\}/.exec(this.source.slice(this.#at, this.#at + 48));
      if (property === null) throw unsupported(this.json, `has a property without a name at character ${this.#at}`);
      this.#at += property[0].length;
      const negated = (character === 'P') !== (property[1] === '^');
      const name = scripts.has(property[2]!) ? `Script=${property[2]}` : property[2];
      return `\\${negated ? 'P' : 'p'}{${name}}`;
    }
    if (/[nrtvf]/.test(character)) return `\\${character}`;
    if (character === 'x' || character === 'u') {
      const digits = (character === 'x' ? /^(?:\{([0-9A-Fa-f]{1,6})\}|([0-9A-Fa-f]{2}))/ : /^(?:([0-9A-Fa-f]{4}))/).exec(
        this.source.slice(this.#at, this.#at + 8),
      );
      if (digits === null) throw unsupported(this.json, `has an escape without digits at character ${this.#at}`);
      this.#at += digits[0].length;
      return `\\u{${digits[1] ?? digits[2]}}`;
    }
    if (/[A-Za-z0-9]/.test(character)) throw unsupported(this.json, `uses \\${character}, which has no translation`);
    return /[\\^$.*+?()[\]{}|/-]/.test(character) && (inClass || character !== '-') ? `\\${character}` : character;
  }

  /** A character class without nesting: set operations are Ruby's own and no published tokenizer uses them. */
  #class(): string {
    let out = '[';
    if (this.source[this.#at] === '^') {
      this.#at++;
      out += '^';
    }
    for (let first = true; ; first = false) {
      if (this.#at >= this.source.length) throw unsupported(this.json, 'has an unclosed character class');
      const character = this.#take();
      if (character === ']' && !first) return `${out}]`;
      if (character === '[') throw unsupported(this.json, 'nests character classes');
      if (character === '&' && this.source[this.#at] === '&') throw unsupported(this.json, 'intersects character classes');
      if (this.#groups.at(-1)!.ignoreCase) throw unsupported(this.json, 'ignores case in a character class');
      out += character === '\\' ? this.#escape(true) : /[(){}|/\]]/.test(character) ? `\\${character}` : character;
    }
  }
}

/** ASCII letters with both cases and the two letters beyond ASCII that fold to them (ſ and the Kelvin sign). */
function bothCases(letter: string, json: JsonReader): string {
  if (!/[A-Za-z]/.test(letter)) throw unsupported(json, `ignores the case of ${letter}`);
  const lower = letter.toLowerCase();
  return `[${lower}${lower.toUpperCase()}${lower === 's' ? 'ſ' : lower === 'k' ? '\u212a' : ''}]`;
}
