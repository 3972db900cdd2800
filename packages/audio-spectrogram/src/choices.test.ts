import { expect, test } from '@jest/globals';
import { checkChoice, checkFlag, checkNames } from './choices.js';

const refused = (message: string) => expect.objectContaining({ code: 'AUDIO_OPTION', message });

test('words that are none of the choices are named with them', () => {
  expect(() => checkChoice('norm', null, ['slaney', null])).not.toThrow();
  expect(() => checkChoice('norm', 'Slaney', ['slaney', 'htk'])).toThrow(refused('norm is "Slaney", but one of slaney, htk was expected.'));
});

test.each([['false'], [0], [null]])('%p is no flag', (flag) => {
  expect(() => checkFlag('center', flag)).toThrow(expect.objectContaining({ code: 'AUDIO_OPTION' }));
  expect(() => checkFlag('center', false)).not.toThrow();
});

test('a name that is not known is told with those that are', () => {
  expect(() => checkNames('stft', { hop: 1 }, ['hop', 'window'])).not.toThrow();
  expect(() => checkNames('stft', { hop: 1, n_fft: 400 }, ['hop', 'window'])).toThrow(
    refused('stft has no option "n_fft"; it has hop, window.'),
  );
});
