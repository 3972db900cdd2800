import { appendTokenBytes, decodeUtf8 } from '../bytes.js';
import type { Encoding } from '../encoding.js';
import { describe, inputError, optionsError, TokenizerError } from '../errors.js';
import type { EncodeOptions } from '../options.js';
import type { Tokenizer } from '../tokenizer.js';
import { whisperLanguageCode, whisperLanguages } from './languages.js';
import { nonSpeechTokens } from './non-speech-tokens.js';
import { findSpecialIds, spellTimestamp, timestampCount, timestampsPerSecond, type WhisperSpecialIds } from './special-tokens.js';
import { loadWhisperRanks } from './whisper-ranks.js';
import { splitOnSpaces, splitOnUnicode, type WordTokens } from './word-splits.js';

export interface WhisperOptions {
  /** A model of many languages, or of English alone (`.en`); by default what the number of ranks says. */
  readonly multilingual?: boolean;
  /** 99, or 100 for large-v3 and turbo. A `.tiktoken` file does not say, and 99 is the default; a tokenizer.json does. */
  readonly languages?: 99 | 100;
  /** Code or English name; English by default. A model of English alone has no language. */
  readonly language?: string;
  /** `'transcribe'` by default. A model of English alone has no task. */
  readonly task?: 'transcribe' | 'translate';
}

/** Written in the languages that Whisper writes without spaces, a word ends where a character does. */
const spaceless: ReadonlySet<string | undefined> = /* @__PURE__ */ new Set(['zh', 'ja', 'th', 'lo', 'my', 'yue']);
/** The end-of-text id of openai/whisper's gpt2.tiktoken; multilingual.tiktoken has one rank more. */
const englishEot = 50_256;

/**
 * Whisper's tokenizer from the text or bytes of openai/whisper's gpt2.tiktoken (English alone) or multilingual.tiktoken, or from the
 * tokenizer.json of a Whisper folder, loaded. Special ids follow the ranks, so 100 languages shift them.
 *
 * Throws TOKENIZER_FILE for a damaged file, TOKENIZER_OPTIONS for a tokenizer that is not Whisper's, or a language or task that it lacks.
 */
export function whisperTokenizer(ranks: string | Uint8Array | Tokenizer, options: WhisperOptions = {}): WhisperTokenizer {
  const { languages = 99 } = options;
  if (languages !== 99 && languages !== 100) {
    throw optionsError(
      `languages is ${describe(languages)}, but Whisper's models have 99 or 100.`,
      'Pass 100 for large-v3 and turbo, else leave it out.',
    );
  }
  const file = typeof ranks === 'string' || ranks instanceof Uint8Array;
  if (!file && typeof ranks?.tokenToId !== 'function') {
    throw inputError(
      `whisperTokenizer was given ${describe(ranks)}, but a .tiktoken file (text or bytes) or a tokenizer was expected.`,
      'Read the file first, or load the folder with loadTokenizer.',
    );
  }
  return new WhisperTokenizer(file ? loadWhisperRanks(ranks, languages) : ranks, options);
}

/** Whisper's tokens (openai/whisper tokenizer.py; Radford et al. 2022, arXiv 2212.04356): a tokenizer and the special ids around its text. */
export class WhisperTokenizer implements WhisperSpecialIds {
  readonly multilingual: boolean;
  /** The code of the language, undefined in a model of English alone. */
  readonly language: string | undefined;
  /** Undefined in a model of English alone. */
  readonly task: 'transcribe' | 'translate' | undefined;
  declare readonly eot: number;
  declare readonly sot: number;
  declare readonly translate: number;
  declare readonly transcribe: number;
  declare readonly sotLm: number;
  declare readonly sotPrev: number;
  declare readonly noSpeech: number;
  declare readonly noTimestamps: number;
  declare readonly timestampBegin: number;
  /** Start of transcript, language and task: what the decoder is given first. */
  readonly sotSequence: readonly number[];
  /** The languages of this model, in the order of their ids. */
  readonly languageCodes: readonly string[];
  #nonSpeechTokens: readonly number[] | undefined;

  /** Throws TOKENIZER_OPTIONS when `tokenizer` is not one of Whisper's, or has no such language or task. */
  constructor(
    readonly tokenizer: Tokenizer,
    { multilingual, languages, language, task }: WhisperOptions = {},
  ) {
    Object.assign(this, findSpecialIds(tokenizer));
    const count = this.translate - this.sot - 1;
    if (languages !== undefined && languages !== count) {
      throw optionsError(
        `languages is ${describe(languages)}, but this tokenizer has ${count}.`,
        'Leave it out: a tokenizer.json says how many there are.',
      );
    }
    this.languageCodes = [...whisperLanguages.keys()].slice(0, count);
    this.multilingual = multilingual ?? this.eot !== englishEot;
    const code = language === undefined ? 'en' : whisperLanguageCode(language);
    if (task !== undefined && task !== 'transcribe' && task !== 'translate') {
      throw optionsError(
        `the task is ${describe(task)}, but Whisper knows 'transcribe' and 'translate'.`,
        "Translation is into English; leave the task out for 'transcribe'.",
      );
    }
    // As in the original, which drops both for a model of English alone.
    this.language = this.multilingual ? code : undefined;
    this.task = this.multilingual ? (task ?? 'transcribe') : undefined;
    this.sotSequence =
      this.language === undefined
        ? [this.sot]
        : [this.sot, this.toLanguageToken(this.language), this.task === 'translate' ? this.translate : this.transcribe];
  }

  /** Ids that the model knows, timestamps included: the rows of its embedding table. */
  get vocabularySize(): number {
    return this.timestampBegin + timestampCount;
  }

  /** For text without timestamps. */
  get sotSequenceIncludingNotimestamps(): readonly number[] {
    return [...this.sotSequence, this.noTimestamps];
  }

  /** The id of this tokenizer's language. Throws TOKENIZER_OPTIONS when it has none. */
  get languageToken(): number {
    if (this.language !== undefined) return this.toLanguageToken(this.language);
    throw optionsError(
      'a tokenizer of an English-only model has no language token.',
      'Use a multilingual model, or sotSequence, which leaves the language out where there is none.',
    );
  }

  /** The ids of all languages of this model, ascending. */
  get languageTokens(): readonly number[] {
    return this.languageCodes.map((code) => this.toLanguageToken(code));
  }

  /** The id of a language, by code or English name. Throws TOKENIZER_OPTIONS when this model does not know it. */
  toLanguageToken(language: string): number {
    const code = whisperLanguageCode(language);
    const at = this.languageCodes.indexOf(code);
    const id = at < 0 ? undefined : this.tokenizer.tokenToId(`<|${code}|>`);
    if (id !== undefined) return id;
    throw optionsError(
      `this tokenizer has no token <|${code}|>; it knows ${this.languageCodes.length} languages.`,
      code === 'yue' ? 'Cantonese came with large-v3: pass languages: 100 if the model has it.' : 'Check that the file is a Whisper one.',
    );
  }

  /** The ids to suppress so that no speaker tags and annotations (`[music]`, `♪`) are written, ascending. */
  get nonSpeechTokens(): readonly number[] {
    this.#nonSpeechTokens ??= nonSpeechTokens((text) => this.encode(text).ids);
    return this.#nonSpeechTokens;
  }

  /**
   * The ids of a text, without the special ids around it.
   * Throws TOKENIZER_INPUT when the text spells a special token, as the original does; `specialTokens: 'text'` or `'parse'` lets it pass.
   */
  encode(text: string, options: EncodeOptions = {}): Encoding {
    return this.tokenizer.encode(text, { addSpecialTokens: false, specialTokens: 'refuse', ...options });
  }

  /** The text of some ids, without timestamps; other special tokens are spelled out. Throws TOKENIZER_ID. */
  decode(ids: ArrayLike<number>): string {
    return this.#decode(Array.from(ids).filter((id) => !(id >= this.timestampBegin)));
  }

  /** The text of some ids with its timestamps, `<|1.08|>`. Throws TOKENIZER_ID. */
  decodeWithTimestamps(ids: ArrayLike<number>): string {
    return this.#decode(Array.from(ids));
  }

  /** Words and the ids of each, by spaces or, in languages without them, by characters. Throws TOKENIZER_ID. */
  splitToWordTokens(ids: ArrayLike<number>): WordTokens {
    return spaceless.has(this.language) ? this.splitTokensOnUnicode(ids) : this.splitTokensOnSpaces(ids);
  }

  /** The smallest pieces that are whole characters, and the ids of each. Ids after bytes that never make a character are left out. */
  splitTokensOnUnicode(ids: ArrayLike<number>): WordTokens {
    return splitOnUnicode(Array.from(ids), (some) => this.#decode(some));
  }

  /** The pieces of `splitTokensOnUnicode` joined to words that begin with a space; special tokens and punctuation stand alone. */
  splitTokensOnSpaces(ids: ArrayLike<number>): WordTokens {
    return splitOnSpaces(this.splitTokensOnUnicode(ids), this.eot);
  }

  /** The id of a time in seconds, rounded to 0.02 s. Throws TOKENIZER_OPTIONS outside 0 to 30. */
  timestampToken(seconds: number): number {
    const index = Math.round(seconds * timestampsPerSecond);
    if (index >= 0 && index < timestampCount) return this.timestampBegin + index;
    throw optionsError(
      `the time is ${describe(seconds)}, but Whisper has timestamps from 0 to 30 seconds.`,
      'Count from the beginning of the 30-second window.',
    );
  }

  /** The time of a timestamp in seconds; undefined for any other id. */
  timestampSeconds(id: number): number | undefined {
    const index = id - this.timestampBegin;
    return Number.isInteger(index) && index >= 0 && index < timestampCount ? index / timestampsPerSecond : undefined;
  }

  #decode(ids: readonly number[]): string {
    const bytes: number[] = [];
    for (const id of ids) {
      const seconds = this.timestampSeconds(id);
      // multilingual.tiktoken has a rank that spells nothing, which its tokenizer leaves out.
      const token =
        seconds === undefined ? (this.tokenizer.idToToken(id) ?? (id === this.eot - 1 ? '' : undefined)) : spellTimestamp(seconds);
      if (token === undefined) {
        throw new TokenizerError({
          code: 'TOKENIZER_ID',
          message: `the id to decode is ${describe(id)}, but this vocabulary has ids from 0 to ${this.vocabularySize - 1}.`,
          fix: 'Check that the ids come from a model with this tokenizer.',
        });
      }
      appendTokenBytes(token, bytes);
    }
    return decodeUtf8(bytes);
  }
}
