import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packageVersion } from './installed.js';
import { median, type PairResult, pair, time } from './pair.js';
import { type Encode, type Subject, subjects } from './text-subjects.js';

/** A row's name, the texts of each run by its number (no two runs have the same), and how often. */
export interface Comparison {
  readonly name: string;
  readonly texts: (run: number) => string[];
  readonly pairs: number;
  readonly coldPairs: number;
}

export async function load(subject: Subject): Promise<Encode> {
  return subjects[subject].load();
}

/** Throws unless both give the same ids for every text. */
export async function checkEqual(name: string, texts: readonly string[], ours: Encode, peer: Encode, subject: Subject): Promise<void> {
  const [own, other] = [await ours(texts), await peer(texts)];
  for (const [i, text] of texts.entries()) {
    const [a, b] = [own[i]!.ids(), other[i]!.ids()];
    const at = Array.from({ length: Math.max(a.length, b.length) }).findIndex((_, k) => a[k] !== b[k]);
    if (at >= 0) {
      throw new Error(`${name}: the ids differ at ${at}: ${a[at]} here, ${b[at]} of ${subject}, in ${JSON.stringify(text.slice(0, 80))}`);
    }
  }
}

/** Warm: alternately in this process, each run with texts that neither has seen. */
export async function compareWarm(ours: Encode, peer: Encode, { texts, pairs }: Comparison): Promise<PairResult> {
  const side = (encode: Encode) => {
    let run = 1;
    return () => {
      const input = texts(run++);
      return time(() => encode(input));
    };
  };
  return pair(side(ours), side(peer), { pairs, warmup: 2 });
}

/** Cold: import, build and first use together, alternately in processes of their own. Medians, milliseconds. */
export function compareCold(chosen: readonly Subject[], { texts, coldPairs }: Comparison): Record<string, number> {
  const folder = mkdtempSync(join(tmpdir(), 'polymodal-bench-'));
  try {
    const file = join(folder, 'texts.json');
    writeFileSync(file, JSON.stringify(texts(0)));
    const script = fileURLToPath(new URL('./text-cold.js', import.meta.url));
    const times = chosen.map((): number[] => []);
    for (let i = 0; i < coldPairs; i++) {
      for (const [k, subject] of chosen.entries()) {
        const { stdout, stderr, status } = spawnSync(process.execPath, [script, subject, file], { encoding: 'utf8' });
        if (status !== 0) throw new Error(`${subject} cold: ${stderr}`);
        times[k]!.push(Number(stdout));
      }
    }
    return Object.fromEntries(chosen.map((subject, k) => [subject, median(times[k]!)]));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export const named = (subject: Subject): string => `${subjects[subject].package} ${packageVersion(subjects[subject].package)}`;

export const ms = (value: number): string => `${value >= 100 ? value.toFixed(0) : value.toPrecision(3)} ms`;
