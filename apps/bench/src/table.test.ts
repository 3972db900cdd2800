import { expect, test } from '@jest/globals';
import { table } from './table.js';

test('times have three digits, and a missing peer shows why', () => {
  const lines = table([
    { name: 'a/b', work: 'w', oursMs: 1.23456, peerMs: 123.4, ratio: 0.01, peer: 'Peer 1', note: 'n' },
    { name: 'c', work: 'w', oursMs: 20, peerMs: null, ratio: null, peer: null, note: 'no Python with torch' },
  ]).split('\n');
  expect(lines).toEqual([
    'name  ours ms  peer ms  ratio  peer',
    'a/b      1.23      123   0.01  Peer 1',
    'c        20.0        –      –  no Python with torch',
  ]);
});
