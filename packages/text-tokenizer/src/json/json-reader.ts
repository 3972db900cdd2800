import { describe, fileError, TokenizerError } from '../errors.js';

const longestPath = 1000;
const longestInsertion = 1000;

/** Walks untrusted JSON: every step knows its path, and a value of the wrong type is a TOKENIZER_FILE error that names it. */
export class JsonReader {
  constructor(
    readonly value: unknown,
    readonly path: string,
  ) {}

  /** Absent and null are the same in these files. */
  get absent(): boolean {
    return this.value === undefined || this.value === null;
  }

  /** Only own properties: a file must not reach what `Object.prototype` holds. */
  field(name: string): JsonReader {
    const object = this.object();
    // An object in memory can hold itself.
    if (this.path.length > longestPath) throw this.error('is nested too deep.');
    return new JsonReader(Object.hasOwn(object, name) ? object[name] : undefined, this.path === '' ? name : `${this.path}.${name}`);
  }

  object(): Readonly<Record<string, unknown>> {
    if (typeof this.value !== 'object' || this.value === null || Array.isArray(this.value)) throw this.wrong('an object');
    return this.value as Record<string, unknown>;
  }

  array(maximum = 10_000_000): JsonReader[] {
    return this.values(maximum).map((_, i) => this.item(i));
  }

  item(index: number): JsonReader {
    return new JsonReader(this.values()[index], `${this.path}[${index}]`);
  }

  /** The bare items, for long lists that are checked one by one by the caller. */
  values(maximum = 10_000_000): readonly unknown[] {
    if (!Array.isArray(this.value)) throw this.wrong('an array');
    if (this.value.length > maximum) throw this.wrong(`an array of at most ${maximum}`);
    return this.value;
  }

  string(): string;
  string<T>(otherwise: T): string | T;
  string(...otherwise: unknown[]): unknown {
    if (this.absent && otherwise.length > 0) return otherwise[0];
    if (typeof this.value !== 'string') throw this.wrong('a string');
    return this.value;
  }

  /** A text that goes into other texts, maybe once for each of their characters: a megabyte in a megabyte would exhaust memory. */
  insertion(otherwise?: string): string {
    const text = otherwise === undefined ? this.string() : this.string(otherwise);
    if (text.length > longestInsertion) throw this.error(`has ${text.length} characters, but at most ${longestInsertion} are read.`);
    return text;
  }

  boolean(otherwise: boolean): boolean {
    if (this.absent) return otherwise;
    if (typeof this.value !== 'boolean') throw this.wrong('true or false');
    return this.value;
  }

  /** A whole number from 0 to 2^31 - 2, as ids and lengths are. */
  integer(): number;
  integer<T>(otherwise: T): number | T;
  integer(...otherwise: unknown[]): unknown {
    if (this.absent && otherwise.length > 0) return otherwise[0];
    if (!isId(this.value)) throw this.wrong('a whole number from 0 to 2147483646');
    return this.value;
  }

  wrong(expected: string): TokenizerError {
    return this.error(`is ${describe(this.value)}, but ${expected} was expected.`);
  }

  error(message: string, fix = 'Check the file, or fetch it again.'): TokenizerError {
    return fileError(`${this.path === '' ? 'the file' : this.path} ${message}`, fix);
  }

  /** What a component is; throws when there is no type. */
  type(): string {
    return this.field('type').string();
  }

  unsupported(what: string, known: readonly string[]): TokenizerError {
    return new TokenizerError({
      code: 'TOKENIZER_UNSUPPORTED',
      message: `${this.path} is the ${what} ${describe(this.field('type').value)}, which is not supported; known: ${known.join(', ')}.`,
      fix: 'Use a tokenizer of a known kind, or ask for this component in an issue.',
    });
  }
}

export function isId(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 0x7fffffff;
}
