import { afterEach, expect, jest, test } from '@jest/globals';
import { warn } from './warning.js';

afterEach(() => {
  jest.restoreAllMocks();
});

test('a listener hears every warning, and the console none of them', () => {
  const console_ = jest.spyOn(console, 'warn').mockImplementation(() => {});
  const heard: string[] = [];
  for (let i = 0; i < 3; i++) warn({ code: 'HEARD', message: `the ${i}th` }, ({ code, message }) => heard.push(`${code} ${message}`));
  expect(heard).toEqual(['HEARD the 0th', 'HEARD the 1th', 'HEARD the 2th']);
  expect(console_).not.toHaveBeenCalled();
});

test('without a listener, the console hears each code once', () => {
  const console_ = jest.spyOn(console, 'warn').mockImplementation(() => {});
  for (const code of ['ONE', 'OTHER', 'ONE', 'ONE', 'OTHER']) warn({ code, message: 'look at this' });
  expect(console_.mock.calls).toEqual([['[ONE] look at this'], ['[OTHER] look at this']]);
});
