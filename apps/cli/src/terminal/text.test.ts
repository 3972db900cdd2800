import { expect, test } from '@jest/globals';
import { count, printable, seconds, table } from './text.js';

test('columns line up on the screen, where a Chinese character takes two places', () => {
  const rows = [
    ['1', 'umbrella', '雨伞', '0.9'],
    ['12', '雨', 'rain', '0.75'],
  ];
  expect(table(rows, ['right', 'left', 'left', 'right'])).toEqual(['   1  umbrella  雨伞   0.9', '  12  雨        rain  0.75']);
});

test('file names cannot give orders to the terminal', () => {
  expect(printable('a\u001b[2Jb\nc\u202ed')).toBe('a\ufffd[2Jb\ufffdc\ufffdd');
  expect(table([['\u001b[31mred']], ['left'])).toEqual(['  \ufffd[31mred']);
});

test('times and counts read well', () => {
  expect([0.123, 45.6, 1234].map(seconds)).toEqual(['0.12 ms', '46 ms', '1.2 s']);
  expect([count(1, 'picture'), count(1322, 'picture')]).toEqual(['1 picture', '1,322 pictures']);
});
