import { checkChoice } from '../choices.js';
import { optionError } from '../errors.js';
import { type MelScale, melScales, melToHz as toHz, hzToMel as toMel } from './scale.js';

/** A frequency in mels. @throws AudioError AUDIO_OPTION for an unknown scale or what is no number */
export function hzToMel(hertz: number, scale: MelScale = 'slaney'): number {
  check('hertz', hertz, scale);
  return toMel(hertz, scale);
}

/** The frequency of a pitch in mels, in hertz. @throws AudioError AUDIO_OPTION for an unknown scale or what is no number */
export function melToHz(mels: number, scale: MelScale = 'slaney'): number {
  check('mels', mels, scale);
  return toHz(mels, scale);
}

function check(name: string, value: unknown, scale: MelScale): void {
  if (typeof value !== 'number') throw optionError(name, value, 'a number');
  checkChoice('scale', scale, melScales);
}
