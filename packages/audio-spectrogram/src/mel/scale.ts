/**
 * How pitch is measured. `slaney`: linear to 1000 Hz, then logarithmic (Slaney's Auditory Toolbox; librosa's default, Whisper); `htk`:
 * 2595 log10(1 + hertz / 700) (torchaudio's default); `kaldi`: 1127 ln(1 + hertz / 700).
 */
export type MelScale = (typeof melScales)[number];

export const melScales = ['slaney', 'htk', 'kaldi'] as const;

const HZ_PER_MEL = 200 / 3;
const BREAK_HZ = 1000;
const BREAK_MEL = BREAK_HZ / HZ_PER_MEL;
const LOG_STEP = Math.log(6.4) / 27;

/** A frequency in mels; unchecked, as Whisper's path is to be small. */
export function hzToMel(hertz: number, scale: MelScale): number {
  if (scale === 'htk') return 2595 * Math.log10(1 + hertz / 700);
  if (scale === 'kaldi') return 1127 * Math.log(1 + hertz / 700);
  return hertz < BREAK_HZ ? hertz / HZ_PER_MEL : BREAK_MEL + Math.log(hertz / BREAK_HZ) / LOG_STEP;
}

/** The frequency of a pitch in mels, in hertz. */
export function melToHz(mels: number, scale: MelScale): number {
  if (scale === 'htk') return 700 * (10 ** (mels / 2595) - 1);
  if (scale === 'kaldi') return 700 * (Math.exp(mels / 1127) - 1);
  return mels < BREAK_MEL ? mels * HZ_PER_MEL : BREAK_HZ * Math.exp(LOG_STEP * (mels - BREAK_MEL));
}
