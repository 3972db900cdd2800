import type { Splitter } from '../pipeline/stages.js';
import { cl100kScanner } from '../scan/cl100k.js';
import { scanGpt2 } from '../scan/gpt2.js';
import { cl100kPattern, gpt2Pattern, o200kPattern } from '../scan/index.js';
import { scanO200k } from '../scan/o200k.js';

export type TiktokenEncoding = 'gpt2' | 'r50k_base' | 'p50k_base' | 'p50k_edit' | 'cl100k_base' | 'o200k_base' | 'o200k_harmony';

/** What a published encoding is beside its ranks (openai/tiktoken, openai_public.py). */
export interface Encoding {
  /** How many tokens its file has. */
  readonly tokens: number;
  readonly pattern: string;
  readonly split: Splitter;
  readonly specialTokens: Readonly<Record<string, number>>;
}

const endOfText = '<|endoftext|>';
const middle = (first: number) => ({ '<|fim_prefix|>': first, '<|fim_middle|>': first + 1, '<|fim_suffix|>': first + 2 });
const gpt2 = { tokens: 50_256, pattern: gpt2Pattern, split: scanGpt2, specialTokens: { [endOfText]: 50_256 } };
const p50k = { ...gpt2, tokens: 50_280 };
const o200k = {
  tokens: 199_998,
  pattern: o200kPattern,
  split: scanO200k,
  specialTokens: { [endOfText]: 199_999, '<|endofprompt|>': 200_018 },
};

export const encodings: Readonly<Record<TiktokenEncoding, Encoding>> = {
  gpt2,
  r50k_base: gpt2,
  p50k_base: p50k,
  p50k_edit: { ...p50k, specialTokens: { ...p50k.specialTokens, ...middle(50_281) } },
  cl100k_base: {
    tokens: 100_256,
    pattern: cl100kPattern('{1,3}'),
    split: cl100kScanner(3),
    specialTokens: { [endOfText]: 100_257, ...middle(100_258), '<|endofprompt|>': 100_276 },
  },
  o200k_base: o200k,
  o200k_harmony: { ...o200k, specialTokens: harmony() },
};

/** From 199998 to 201087 every id has a name; those without a meaning are `<|reserved_ID|>`, and 200018 has two names. */
function harmony(): Record<string, number> {
  const named = ['startoftext', 'endoftext', '', '', 'return', 'constrain', '', 'channel', 'start', 'end', 'message', '', '', '', 'call'];
  const tokens: Record<string, number> = { '<|endofprompt|>': 200_018 };
  for (let id = 199_998; id < 201_088; id++) tokens[`<|${named[id - 199_998] || `reserved_${id}`}|>`] = id;
  return tokens;
}
