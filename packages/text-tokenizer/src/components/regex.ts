import type { JsonReader } from '../json/json-reader.js';
import { translateClass } from './regex-class.js';
import { Overlap, RegexCost, type Times } from './regex-cost.js';
import { allCases, Cursor, literal, readEscape } from './regex-escape.js';

const maximumLength = 20_000;
/** Engines read groups by recursion. */
const deepest = 200;

/**
 * Translates a regular expression of a tokenizer.json (Oniguruma's syntax) into JavaScript's, global and in Unicode mode.
 * Throws TOKENIZER_UNSUPPORTED for syntax without a translation, and TOKENIZER_FILE for one that could take exponential or cubic time:
 * a repeated group whose content varies (it holds a repetition, an option or alternatives), or neighbouring repetitions of what both match.
 */
export function translateRegex(source: string, json: JsonReader): RegExp {
  if (source.length > maximumLength)
    throw json.error(`is a regular expression of ${source.length} characters, but at most ${maximumLength} are read.`);
  const cursor = new Cursor(source, json);
  const translated = new Translation(cursor).run();
  try {
    return new RegExp(translated, 'gu');
  } catch (cause) {
    throw cursor.unsupported(`cannot be read: ${(cause as Error).message}`, cause);
  }
}

interface Group {
  /** What opens it in JavaScript, and what its content is so far. */
  readonly opening: string;
  content: string;
  ignoreCase: boolean;
  /** Can it match one text in more than one way? */
  varies: boolean;
  /** Once matched, it is not tried again. */
  readonly atomic: boolean;
  /** Is it (in) a lookbehind, which matches from right to left? */
  readonly behind: boolean;
  readonly cost: RegexCost;
}

class Translation {
  readonly #cursor: Cursor;
  readonly #overlap: Overlap;
  readonly #groups: Group[];
  #captures = 0;

  constructor(cursor: Cursor) {
    this.#cursor = cursor;
    this.#overlap = new Overlap(cursor.source);
    const cost = new RegexCost(this.#overlap);
    this.#groups = [{ opening: '', content: '', ignoreCase: false, varies: false, atomic: false, behind: false, cost }];
  }

  run(): string {
    while (!this.#cursor.ended) this.#next(this.#groups.at(-1)!);
    if (this.#groups.length !== 1) throw this.#cursor.unsupported('has an unclosed group');
    return this.#groups[0]!.content;
  }

  #next(top: Group): void {
    const cursor = this.#cursor;
    const character = cursor.take();
    switch (character) {
      case '(':
        this.#open(top);
        return;
      case ')':
        this.#close(top);
        return;
      case '[':
        this.#add(translateClass(cursor, top.ignoreCase), top);
        return;
      case '\\': {
        const item = readEscape(cursor, false);
        if ('code' in item) this.#add(writeCharacter(item.code, top, cursor), top);
        else if ('set' in item) this.#add(`[${item.negated ? '^' : ''}${item.set}]`, top);
        else this.#add(item.other, top, 'other');
        return;
      }
      case '|':
        top.varies = true;
        top.content += '|';
        top.cost.alternative();
        return;
      // These anchors are those of lines, and the dot stops at \n alone.
      case '^':
        top.content += '(?:^|(?<=\\n))';
        this.#check(top.cost.assertion());
        return;
      case '$':
        top.content += '(?=\\n|$)';
        this.#check(top.cost.assertion());
        return;
      case '.':
        this.#add('[^\\n]', top);
        return;
      case '*':
      case '+':
      case '?':
        throw cursor.unsupported(`repeats nothing at character ${cursor.at - 1}`);
      default:
        this.#add(writeCharacter(character.codePointAt(0)!, top, cursor), top);
    }
  }

  #open(top: Group): void {
    const cursor = this.#cursor;
    if (this.#groups.length > deepest) throw cursor.unsupported(`nests more than ${deepest} groups`);
    const options = cursor.match(/\?(-?)i([:)])/y);
    const ignoreCase = options === undefined ? top.ignoreCase : options[1] === '';
    // Without a colon the option holds until the group ends.
    if (options?.[2] === ')') {
      top.ignoreCase = ignoreCase;
      return;
    }
    const atomic = cursor.match(/\?>/y) !== undefined;
    const opening = options || atomic ? '?:' : (cursor.match(/\?(?:<[=!]|<[A-Za-z]\w{0,30}>|[:=!])/y)?.[0] ?? '');
    if (opening === '' && cursor.startsWith('?')) {
      throw cursor.unsupported(`uses the group (${cursor.source.slice(cursor.at, cursor.at + 2)}, which has no translation`);
    }
    const behind = top.behind || /^\?<[=!]/.test(opening);
    this.#groups.push({
      opening: `(${opening}`,
      content: '',
      ignoreCase,
      varies: false,
      atomic,
      behind,
      cost: new RegexCost(this.#overlap),
    });
  }

  #close(group: Group): void {
    const cursor = this.#cursor;
    if (this.#groups.length === 1) throw cursor.unsupported('closes a group that it did not open');
    this.#groups.pop();
    const top = this.#groups.at(-1)!;
    const whole = `${group.opening}${group.content})`;
    this.#add(group.atomic ? this.#atomic(whole, group) : whole, top, group);
  }

  /** Adds something with the quantifier that follows it: a class, an escape that is none, or a group. */
  #add(item: string, group: Group, kind?: Group | 'other'): void {
    const { text, repeats, possessive } = this.#quantifier();
    const inner = kind === 'other' ? undefined : kind;
    const varies = inner !== undefined && !inner.atomic && inner.varies;
    const times = timesOf(text);
    if (inner !== undefined) {
      const consumes = !/^\(\?<?[=!]/.test(inner.opening);
      this.#check(group.cost.group(inner.cost, times, consumes, possessive || inner.atomic));
    } else this.#check(group.cost.set(kind === 'other' ? undefined : item, times, possessive));
    if (repeats && varies) {
      throw this.#cursor.json.error(
        'repeats a group whose content varies: such a regular expression can take exponential time.',
        'Rewrite it without repetitions or alternatives inside the repeated group.',
      );
    }
    group.content += possessive ? this.#atomic(item + text, group) : item + text;
    group.varies ||= !possessive && (varies || !/^(?:\{\d+\})?$/.test(text));
  }

  #check(fast: boolean): void {
    if (fast) return;
    throw this.#cursor.json.error(
      'has neighbouring repetitions that match the same characters, before something that may fail: it can take cubic time or more.',
      'Join the repetitions, or make them possessive (a++).',
    );
  }

  /** A lookahead is not tried again, so what it captured is all that there is to match. */
  #atomic(item: string, { behind }: Group): string {
    if (behind) throw this.#cursor.unsupported('has an atomic group or a possessive repetition in a lookbehind');
    const name = `_${this.#captures++}`;
    return `(?:(?=(?<${name}>${item}))\\k<${name}>)`;
  }

  #quantifier(): { readonly text: string; readonly repeats: boolean; readonly possessive: boolean } {
    const cursor = this.#cursor;
    const text = cursor.match(/[*+?]|\{\d{1,4}(?:,\d{0,4})?\}|\{,\d{1,4}\}/y)?.[0].replace('{,', '{0,') ?? '';
    if (text === '') return { text, repeats: false, possessive: false };
    // Everything but `?` and {0,1} can match more than once.
    const repeats = !/^(?:\?|\{0?,?[01]\})$/.test(text);
    if (cursor.match(/\?/y)) return { text: `${text}?`, repeats, possessive: false };
    if (!cursor.match(/\+/y)) return { text, repeats, possessive: false };
    if (!text.startsWith('{')) return { text, repeats, possessive: true };
    // After braces a plus is a repetition of its own: {1,3}+ and {0,3}+ take any number.
    const least = /^\{([01])(?=,|\})/.exec(text)?.[1];
    if (least === undefined) throw cursor.unsupported(`repeats the repetition ${text}`);
    return { text: least === '0' ? '*' : '+', repeats: true, possessive: false };
  }
}

function timesOf(quantifier: string): Times {
  const [least = '1', most = least] =
    /\d.*\d|\d+,?/.exec(quantifier)?.[0].split(',') ?? { '*': ['0', ''], '+': ['1', ''], '?': ['0', '1'] }[quantifier[0] ?? ''] ?? [];
  return { least: Number(least), most: most === '' ? Number.POSITIVE_INFINITY : Number(most) };
}

function writeCharacter(code: number, { ignoreCase }: Group, cursor: Cursor): string {
  return ignoreCase ? `[${allCases(code, cursor)}]` : literal(code);
}
