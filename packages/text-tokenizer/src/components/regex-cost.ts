/** How often something may follow itself: `most` is Infinity for `*` and `+`. */
export interface Times {
  readonly least: number;
  readonly most: number;
}

interface Repetition {
  /** A class as JavaScript writes it; undefined for what may be anything. */
  readonly set: string | undefined;
  /** Numbers of times that it can match. */
  readonly ways: number;
  /** Classes that must match between the beginning of its sequence and it. */
  readonly after: readonly (string | undefined)[];
}

/** Ways to match one text; more than this for every place of a text would be slow. */
const mostWays = 1000;
const mostComparisons = 1000;
/** From here on a repetition is as slow as one without an end. */
const manyTimes = 32;

/**
 * How long a sequence of a regular expression may try: neighbouring repetitions share out what both can match in a number of ways that grows with
 * the text, as in `a*a*`, and all are tried when something after them fails. One repetition before something that fails (`a+b`) is let be:
 * published patterns are full of them.
 */
export class RegexCost {
  /** Repetitions that could still give back or take over what comes next. */
  #open: Repetition[] = [];
  /** All repetitions of all alternatives, for the group that this sequence may be in. */
  readonly #all: Repetition[] = [];
  /** The first classes that must have matched in this alternative. */
  #needed = new Set<string | undefined>();
  /** Two that are open share what they match. */
  #shared = false;
  #anyShared = false;
  #ways = 1;
  #mostWays = 0;
  #nullable = true;
  #anyNullable = false;

  constructor(readonly overlap: Overlap) {}

  /** Adds a class. False when matching could take too long, here and in the methods below. */
  set(set: string | undefined, { least, most }: Times, possessive = false): boolean {
    return this.#add(most > least ? [{ set, ways: most - least + 1, after: [] }] : [], set, least, possessive);
  }

  /** Adds something that matches without consuming, and may fail. */
  assertion(): boolean {
    this.#nullable = false;
    return !this.#shared;
  }

  alternative(): void {
    this.#anyShared ||= this.#shared;
    this.#anyNullable ||= this.#nullable;
    this.#mostWays += this.#ways;
    this.#open = [];
    this.#needed = new Set();
    this.#shared = false;
    this.#nullable = true;
    this.#ways = 1;
  }

  /** Adds a group; `consumes` is false for looking ahead or behind. */
  group(inner: RegexCost, { least, most }: Times, consumes: boolean, atomic: boolean): boolean {
    inner.alternative();
    const sure = least > 0 && !(consumes && inner.#anyNullable);
    const parts = most > 1 && most > least ? [{ set: undefined, ways: most - least + 1, after: [] }] : inner.#all;
    const shared = this.#shared;
    if (!this.#add(parts, undefined, sure ? 1 : 0, atomic || !consumes)) return false;
    // The group itself has something that may fail.
    if (this.#shared && !shared && !inner.#anyNullable) return false;
    if (consumes && !atomic) this.#shared ||= inner.#anyShared;
    this.#ways *= (consumes && !atomic ? inner.#mostWays : 1) + (least === 0 ? 1 : 0);
    return this.#ways <= mostWays;
  }

  #add(parts: readonly Repetition[], set: string | undefined, least: number, possessive: boolean): boolean {
    if (this.#shared && least > 0) return false;
    for (const part of parts) {
      const others = this.#open.filter((open) => [part.set, ...part.after].every((each) => this.overlap.of(open.set, each)));
      if (part.ways > manyTimes && others.some(({ ways }) => ways > manyTimes)) {
        if (this.#shared) return false;
        this.#shared = true;
      } else if (others.length > 0) this.#ways *= part.ways > manyTimes ? 2 : part.ways;
    }
    if (this.#ways > mostWays) return false;
    const needed = [...this.#needed];
    if (least > 0) {
      if (this.#needed.size < 8) this.#needed.add(set);
      this.#nullable = false;
      this.#open = this.#open.filter((open) => this.overlap.of(open.set, set));
    }
    if (!possessive) {
      this.#open.push(...parts);
      this.#all.push(...parts.map((part) => ({ ...part, after: [...needed, ...part.after].slice(0, 8) })));
    }
    return true;
  }
}

/** Whether two classes have a character in common, as far as a sample of all characters tells. */
export class Overlap {
  readonly #known = new Map<string, boolean>();
  readonly #sample: string;

  /** Every character that a pattern names itself is looked at. */
  constructor(pattern: string) {
    this.#sample = pattern;
  }

  of(left: string | undefined, right: string | undefined): boolean {
    if (left === undefined || right === undefined || left === right) return true;
    const both = `(?=${left})${right}`;
    let known = this.#known.get(both);
    if (known === undefined) {
      // Beyond so many the answer that refuses is good enough.
      if (this.#known.size >= mostComparisons) return true;
      const pattern = new RegExp(both, 'u');
      known = pattern.test(this.#sample) || pattern.test(everyBlock());
      this.#known.set(both, known);
    }
    return known;
  }
}

let characters = '';

/** The Basic Multilingual Plane, and every 16th character beyond it. */
function everyBlock(): string {
  if (characters === '') {
    const codes: number[] = [];
    for (let code = 0; code < 0x110000; code += code < 0x10000 ? 1 : code < 0x20000 ? 16 : 256) {
      if (code < 0xd800 || code >= 0xe000) codes.push(code);
    }
    for (let at = 0; at < codes.length; at += 10_000) characters += String.fromCodePoint(...codes.slice(at, at + 10_000));
  }
  return characters;
}
