import { fileError } from '../errors.js';
import { gpt2Pattern } from '../scan/index.js';
import { loadTiktoken } from '../tiktoken/index.js';
import type { Tokenizer } from '../tokenizer.js';
import { whisperSpecialTokens } from './special-tokens.js';

/** The published files have 0.8 MB. */
const maximumBytes = 2 ** 24;
/** The last line of multilingual.tiktoken gives a rank to no bytes at all: it counts, but no text has it. */
const emptyToken = /^= \d+\s*$/;

/** The tokenizer of a `.tiktoken` file of openai/whisper, with the special ids right after its ranks. Throws TOKENIZER_FILE. */
export function loadWhisperRanks(file: string | Uint8Array, languages: number): Tokenizer {
  if (file.length > maximumBytes) {
    throw fileError(
      `the .tiktoken file has ${file.length} bytes, but at most ${maximumBytes} are read.`,
      "Give openai/whisper's gpt2.tiktoken or multilingual.tiktoken.",
    );
  }
  const lines = (typeof file === 'string' ? file : new TextDecoder().decode(file)).split('\n');
  const count = lines.filter((line) => line.trim() !== '').length;
  return loadTiktoken(lines.map((line) => (emptyToken.test(line) ? '' : line)).join('\n'), {
    pattern: gpt2Pattern,
    specialTokens: Object.fromEntries(whisperSpecialTokens(languages).map((token, i) => [token, count + i])),
  });
}
