import { optionsError } from '../errors.js';
import type { Tokenizer } from '../tokenizer.js';
import { whisperLanguages } from './languages.js';

/** 0.00 to 30.00 s, 0.02 s apart. */
export const timestampCount = 1501;
export const timestampsPerSecond = 50;

export const spellTimestamp = (seconds: number): string => `<|${seconds.toFixed(2)}|>`;

/** The special tokens in the order of their ids, which follow those of the ranks (openai/whisper tokenizer.py). */
export function whisperSpecialTokens(languages: number): string[] {
  return [
    '<|endoftext|>',
    '<|startoftranscript|>',
    ...[...whisperLanguages.keys()].slice(0, languages).map((code) => `<|${code}|>`),
    ...['translate', 'transcribe', 'startoflm', 'startofprev', 'nospeech', 'notimestamps'].map((name) => `<|${name}|>`),
    ...Array.from({ length: timestampCount }, (_, index) => spellTimestamp(index / timestampsPerSecond)),
  ];
}

/** The ids that decoding needs; names as in openai/whisper. */
export interface WhisperSpecialIds {
  /** End of text. */
  readonly eot: number;
  /** Start of transcript. */
  readonly sot: number;
  readonly translate: number;
  readonly transcribe: number;
  readonly sotLm: number;
  /** Before the text of the window before. */
  readonly sotPrev: number;
  readonly noSpeech: number;
  readonly noTimestamps: number;
  /** `<|0.00|>`; every id from here on is a timestamp. */
  readonly timestampBegin: number;
}

/** Finds the special tokens of a Whisper tokenizer, whoever wrote its files. Throws TOKENIZER_OPTIONS when it is none. */
export function findSpecialIds(tokenizer: Tokenizer): WhisperSpecialIds {
  const find = (...names: readonly string[]): number => {
    for (const name of names) {
      const id = tokenizer.tokenToId(`<|${name}|>`);
      if (id !== undefined) return id;
    }
    throw optionsError(
      `the tokenizer has no token <|${names[0]}|>, so it is not one of Whisper's.`,
      'Give the tokenizer.json of a Whisper folder, or the .tiktoken file of openai/whisper.',
    );
  };
  const noTimestamps = find('notimestamps');
  return {
    eot: find('endoftext'),
    sot: find('startoftranscript'),
    translate: find('translate'),
    transcribe: find('transcribe'),
    sotLm: find('startoflm'),
    sotPrev: find('startofprev'),
    // What the first files on the Hugging Face hub call it.
    noSpeech: find('nospeech', 'nocaptions'),
    noTimestamps,
    // Those files leave the timestamps out of their vocabulary, but not out of the model's ids.
    timestampBegin: tokenizer.tokenToId('<|0.00|>') ?? noTimestamps + 1,
  };
}
