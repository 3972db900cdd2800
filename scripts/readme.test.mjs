import assert from 'node:assert/strict';
import { test } from 'node:test';
import { benchTable, fill, packageTable, qualityTable } from './readme.mjs';

test('a block is replaced and the rest of the page kept', () => {
  const page = 'before\n<!-- generated: bench -->\nold\n<!-- end -->\nafter\n';
  assert.equal(fill(page, { bench: 'new $1' }), 'before\n<!-- generated: bench -->\nnew $1\n<!-- end -->\nafter\n');
});

test('a page without the block is refused', () => {
  assert.throws(() => fill('nothing', { bench: 'new' }), /no block <!-- generated: bench -->/);
});

test('what was not measured is said to be so', () => {
  assert.match(qualityTable(undefined), /Not measured yet/);
  assert.match(benchTable([]), /Not measured yet/);
});

test('recalls stand in their row, by language and direction', () => {
  const recall = (r1) => ({ r1, r5: 0.75, r10: 0.875 });
  const both = (a, b) => ({ textToImage: recall(a), imageToText: recall(b) });
  const lines = qualityTable({ en: both(0.5, 0.25), zh: both(0.125, 0), candidates: 1322 }).split('\n');
  assert.equal(lines[0], '| of 1,322 held-out pictures | Recall@1 | Recall@5 | Recall@10 |');
  assert.equal(lines[2], '| English → picture | 0.500 | 0.750 | 0.875 |');
  assert.equal(lines[5], '| picture → Chinese | 0.000 | 0.750 | 0.875 |');
});

test('a missing peer shows its note', () => {
  const row = { name: 'a/b', work: 'work', oursMs: 1.2345, peerMs: null, ratio: null, interval: null, peer: null, note: 'no Python' };
  assert.equal(benchTable([row]).split('\n')[2], '| `a/b`: work | 1.23 ms | – | – | no Python |');
});

test('a ratio stands with its interval where it has one, and memory in megabytes', () => {
  const row = { name: 'a/b', work: 'work', peer: 'Peer 1', note: '' };
  const lines = benchTable([
    { ...row, oursMs: 1234.5, peerMs: 2000, ratio: 0.6172, interval: [0.61, 0.634] },
    { ...row, oursMB: 400.4, peerMB: 300, ratio: 1.3347, interval: null },
    { ...row, oursMs: 1, peerMs: 10, ratio: 0.1 },
  ]).split('\n');
  assert.deepEqual(lines.slice(2), [
    '| `a/b`: work | 1235 ms | 2000 ms | 0.62 (0.61–0.63) | Peer 1 |',
    '| `a/b`: work | 400 MB | 300 MB | 1.3 | Peer 1 |',
    '| `a/b`: work | 1.00 ms | 10.0 ms | 0.10 | Peer 1 |',
  ]);
});

test('packages stand in the order of the layers, and only those that exist', () => {
  const all = ['packages/nn', 'packages/modality-registry', 'apps/bench'].map((path) => ({
    path,
    manifest: { name: path, description: 'what' },
  }));
  assert.deepEqual(packageTable(all).split('\n').slice(2), [
    '| contract | [`packages/modality-registry`](packages/modality-registry) | what |',
    '| engine | [`packages/nn`](packages/nn) | what |',
  ]);
});
