import { Heap } from '../heap.js';
import type { ModelFile } from './model-file.js';
import { unigramScores } from './unigram-model.js';

const { fround } = Math;

/** A piece at a place of a text. */
export interface LatticeNode {
  readonly id: number;
  readonly start: number;
  readonly end: number;
  readonly score: number;
  /** The score of the best way from the beginning of the text to the end of this piece. */
  best: number;
}

/** All pieces that end at each place of a text; at place 0 its beginning, and `last` is its end. */
export interface Lattice {
  readonly endingAt: readonly LatticeNode[][];
  readonly last: LatticeNode;
}

/** Makes the lattice of a text that is not empty (unigram_model.cc, PopulateNodes and Viterbi). */
export function unigramLattice(file: ModelFile, unknownId: number): (text: string) => Lattice {
  const { trie, scores, unknownScore } = unigramScores(file, unknownId, (text) => Array.from(text).length);
  return (text) => {
    const endingAt: LatticeNode[][] = Array.from({ length: text.length + 1 }, () => []);
    const bestAt = (place: number, score: number) => {
      let best = Number.NEGATIVE_INFINITY;
      for (const node of endingAt[place]!) best = Math.max(best, fround(node.best + score));
      return best;
    };
    endingAt[0]!.push({ id: -1, start: -1, end: 0, score: 0, best: 0 });
    for (let start = 0; start < text.length; ) {
      const next = start + ((text.charCodeAt(start) & 0xfc00) === 0xd800 ? 2 : 1);
      const add = (id: number, end: number, exact: number) => {
        const score = fround(exact);
        endingAt[end]!.push({ id, start, end, score, best: bestAt(start, score) });
      };
      let alone = false;
      trie.match(text, start, (end, id) => {
        add(id, end, scores[id]!);
        alone ||= end === next;
      });
      if (!alone) add(unknownId, next, unknownScore);
      start = next;
    }
    return { endingAt, last: { id: -1, start: text.length, end: -1, score: 0, best: bestAt(text.length, 0) } };
  };
}

/** The end of a way through the lattice: a piece and what follows it. */
interface Hypothesis {
  readonly node: LatticeNode;
  readonly next: Hypothesis | undefined;
  /** The score of what follows the piece, and of the best whole way that ends so. */
  readonly after: number;
  readonly best: number;
}

function isBetter(a: Hypothesis, b: Hypothesis): boolean {
  return a.best > b.best;
}

/** When there are so many hypotheses, only the best are kept, as in the library. */
const mostHypotheses = 10_000;
const fewestHypotheses = 512;

/** The best ways through a lattice, by A* from its end (Kudo 2018, section 3.3; unigram_model.cc, NBest). */
export function nBest({ endingAt, last }: Lattice, count: number): { readonly nodes: readonly LatticeNode[]; readonly score: number }[] {
  const found: { nodes: LatticeNode[]; score: number }[] = [];
  let agenda = new Heap(isBetter);
  agenda.push({ node: last, next: undefined, after: 0, best: last.best });
  for (let top = agenda.pop(); top !== undefined; top = agenda.pop()) {
    if (top.node.start < 0) {
      const nodes: LatticeNode[] = [];
      for (let each = top.next!; each.next !== undefined; each = each.next) nodes.push(each.node);
      found.push({ nodes, score: top.best });
      if (found.length === count) break;
      continue;
    }
    for (const node of endingAt[top.node.start]!) {
      agenda.push({ node, next: top, after: fround(node.score + top.after), best: fround(node.best + top.after) });
    }
    if (agenda.size < mostHypotheses) continue;
    const fewer = new Heap(isBetter);
    for (let i = Math.min(fewestHypotheses, count * 10); i > 0; i--) fewer.push(agenda.pop()!);
    agenda = fewer;
  }
  return found;
}
