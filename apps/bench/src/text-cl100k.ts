import type { BenchRow } from './row.js';
import { checkEqual, compareCold, compareWarm, load, ms, named } from './text-compare.js';
import { chineseDocument, englishDocument, sources } from './text-corpus.js';
import type { Subject } from './text-subjects.js';

const peers: readonly Subject[] = ['gpt-tokenizer', 'js-tiktoken', 'tiktoken'];

function row(name: string, language: string, document: (seed: number) => string, source: string): BenchRow {
  return {
    name,
    work: `1 MB of ${language} to ids with cl100k_base`,
    async measure() {
      const comparison = { name, texts: (run: number) => [document(run)], pairs: 11, coldPairs: 5 };
      const ours = await load('ours/cl100k');
      const results = [];
      for (const peer of peers) {
        const theirs = await load(peer);
        await checkEqual(name, comparison.texts(0), ours, theirs, peer);
        results.push({ peer, ...(await compareWarm(ours, theirs, comparison)) });
      }
      results.sort((a, b) => a.peerMs! - b.peerMs!);
      const { peer, ...fastest } = results[0]!;
      const cold = compareCold(['ours/cl100k', ...peers], comparison);
      const others = results.slice(1).map((result) => `${named(result.peer)} ${ms(result.peerMs!)}`);
      const coldPeers = peers.map((subject) => `${subject} ${ms(cold[subject]!)}`);
      return {
        ...fastest,
        peer: named(peer),
        note: `the fastest of three; ${others.join(', ')}; cold (import, build, first document) ${ms(cold['ours/cl100k']!)} against ${coldPeers.join(', ')}; ${source}; same ids`,
      };
    },
  };
}

export const cl100kEnglish = row('text/cl100k-1mb-en', 'English', englishDocument, sources.english);
export const cl100kChinese = row('text/cl100k-1mb-zh', 'Chinese', chineseDocument, sources.chinese);
