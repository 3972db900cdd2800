import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clipTokenizer } from '@polymodal/text-tokenizer/clip';
import type { BenchRow } from './row.js';
import { type Comparison, checkEqual, compareCold, compareWarm, load, ms, named } from './text-compare.js';
import { captions, sources } from './text-corpus.js';
import type { Subject } from './text-subjects.js';

const count = 10_000;

function row(name: string, peer: Subject, how: string): BenchRow {
  return {
    name,
    work: `${count} captions to ids with CLIP's vocabulary, ${how}`,
    async measure() {
      const folder = mkdtempSync(join(tmpdir(), 'polymodal-bench-'));
      try {
        const path = join(folder, 'tokenizer.json');
        writeFileSync(path, JSON.stringify(clipTokenizer({ compat: 'hf' }).toJSON()));
        process.env.POLYMODAL_BENCH_CLIP = path;
        const comparison: Comparison = { name, texts: (run) => captions(count, 100 + run), pairs: 15, coldPairs: 5 };
        const [ours, theirs] = [await load('ours/clip'), await load(peer)];
        await checkEqual(name, comparison.texts(0), ours, theirs, peer);
        const openai = await load('ours/clip-openai');
        await checkEqual(name, comparison.texts(0), openai, theirs, peer);
        const result = await compareWarm(ours, theirs, comparison);
        const withRepair = await compareWarm(openai, theirs, { ...comparison, pairs: 5 });
        const cold = compareCold(['ours/clip', peer], comparison);
        return {
          ...result,
          peer: named(peer),
          note: `${(1 / result.ratio!).toFixed(1)} × the peer's speed; with compat 'openai', which repairs the text first, ${(1 / withRepair.ratio!).toFixed(1)} ×; cold (import, build, first run) ${ms(cold['ours/clip']!)} against ${ms(cold[peer]!)}; captions ${sources.captions}, others in each run; same ids`,
        };
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
  };
}

export const clipCaptions = row('text/clip-10k-captions', 'huggingface/clip', 'one by one');
export const clipCaptionsRust = row(
  'text/clip-10k-captions-rust',
  'rust/clip',
  "one by one here, by one batch call there, on one thread (the peer's time is the call alone, without taking the ids out)",
);
