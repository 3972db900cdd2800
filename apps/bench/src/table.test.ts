import { expect, test } from '@jest/globals';
import { table } from './table.js';

test('figures have three digits and a unit, ratios their interval, and a missing peer shows why', () => {
  const lines = table([
    { name: 'a/b', work: 'w', oursMs: 1.23456, peerMs: 123.4, ratio: 0.01, interval: [0.009, 0.0151], peer: 'Peer 1', note: 'n' },
    { name: 'memory', work: 'w', oursMB: 400, peerMB: 300.2, ratio: 1.333, interval: null, peer: 'Peer 2', note: 'n' },
    { name: 'c', work: 'w', oursMs: 20, peerMs: null, ratio: null, interval: null, peer: null, note: 'no Python with torch' },
  ]).split('\n');
  expect(lines).toEqual([
    'name       ours    peer             ratio',
    'a/b     1.23 ms  123 ms  0.01 (0.01–0.02)  Peer 1',
    'memory   400 MB  300 MB              1.33  Peer 2',
    'c       20.0 ms       –                 –  no Python with torch',
  ]);
});
