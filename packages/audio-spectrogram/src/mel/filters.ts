import { type TensorLike, type WarningListener, warn } from '@polymodal/modality-registry';
import { checkChoice } from '../choices.js';
import type { SparseFilters } from '../engine/recipe.js';
import { AudioError, checkOptions, optionError, shown } from '../errors.js';
import { checkFftLength } from '../fft/real-fft.js';
import { checkRate } from '../signal.js';
import { hzToMel, type MelScale, melScales } from './scale.js';
import { float32Steps, torchaudioCorners } from './torchaudio.js';
import { melCorners, triangles } from './triangles.js';

/** The defaults are librosa's, and with 80 or 128 mels Whisper's; {@link torchaudioMel} has torchaudio's. */
export interface MelBandOptions {
  /** Number of filters; default 128. */
  readonly mels?: number;
  /** Where the lowest filter begins; default 0. */
  readonly minHz?: number;
  /** Where the highest filter ends; default half the sample rate. */
  readonly maxHz?: number;
  /** Default `slaney`. */
  readonly scale?: MelScale;
  /** `slaney` (default) divides each filter by half its width in hertz; null leaves all their peaks at 1. */
  readonly norm?: 'slaney' | null;
  /** Where the sides of the triangles are straight: over `hz` (default), or over `mel` as Kaldi's are. */
  readonly straightIn?: 'hz' | 'mel';
  /**
   * Whose roundings. `librosa` (default): bins are at multiples of sampleRate / fftLength. `transformers`: bins are in equal steps to
   * ⌊sampleRate / 2⌋, which is the same but where the rate or the length is odd. `torchaudio`: as `transformers`, and all is computed in float32,
   * which moves weights by up to 1e-5.
   */
  readonly convention?: 'librosa' | 'transformers' | 'torchaudio';
  /** Hears of filters without weights and of bands above half the sample rate; default the console, once. */
  readonly onWarning?: WarningListener;
}

export interface MelFilterOptions extends MelBandOptions {
  readonly sampleRate: number;
  /** Samples that a spectrum is taken of: it has ⌊fftLength / 2⌋ + 1 bins. */
  readonly fftLength: number;
}

/** The most values that a table may have: 256 MiB. */
const MOST_VALUES = 2 ** 26;
const MOST_MELS = 2 ** 16;

/**
 * The weights that sum a spectrum into mels, [mels, bins] as librosa lays them out (torchaudio's table is its transpose): triangles equally wide in
 * pitch, each from the centre of the one below to the centre of the one above.
 *
 * @throws AudioError AUDIO_MEL for a number of mels or a band that there cannot be; AUDIO_SAMPLE_RATE; AUDIO_FRAME for `fftLength`; AUDIO_OPTION for
 * words that are none of an option's; AUDIO_TOO_LARGE
 */
export function melFilters(options: MelFilterOptions): TensorLike<'float32'> {
  const { starts, lengths, weights } = sparseMelFilters(options);
  const bins = binCount(options.fftLength);
  const data = new Float32Array(starts.length * bins); // [mels, bins]
  for (let mel = 0, from = 0; mel < starts.length; mel++) {
    data.set(weights.subarray(from, from + lengths[mel]!), mel * bins + starts[mel]!);
    from += lengths[mel]!;
  }
  return { type: 'float32', dims: [starts.length, bins], data };
}

/** {@link melFilters} as the weights that are not zero, by filter: few, since a bin lies in two filters at most. */
export function sparseMelFilters(options: MelFilterOptions): SparseFilters {
  const {
    fftLength,
    mels = 128,
    minHz = 0,
    scale = 'slaney',
    norm = 'slaney',
    straightIn = 'hz',
    convention = 'librosa',
    onWarning,
  } = checkOptions('melFilters', options);
  const sampleRate = checkRate(options.sampleRate);
  const bins = binCount(fftLength);
  checkChoice('scale', scale, melScales);
  checkChoice('norm', norm, ['slaney', null]);
  checkChoice('straightIn', straightIn, ['hz', 'mel']);
  checkChoice('convention', convention, ['librosa', 'transformers', 'torchaudio']);
  if (onWarning && typeof onWarning !== 'function') throw optionError('onWarning', onWarning, 'a function');
  const exact = convention === 'librosa';
  const top = exact ? sampleRate / 2 : Math.floor(sampleRate / 2);
  const maxHz = options.maxHz ?? top;
  if (!(Number.isSafeInteger(mels) && mels > 0 && mels <= MOST_MELS)) {
    throw melError(`mels is ${shown(mels)}, but an integer from 1 to ${MOST_MELS} was expected.`);
  }
  if (mels * bins > MOST_VALUES) {
    throw new AudioError({
      code: 'AUDIO_TOO_LARGE',
      message: `${mels} mels of ${bins} bins are more than the 2^26 weights of a table.`,
      fix: 'Take fewer mels, or a shorter fftLength.',
    });
  }
  if (!(minHz >= 0 && minHz < maxHz && Number.isFinite(maxHz))) {
    throw melError(`minHz is ${shown(minHz)} and maxHz ${shown(maxHz)}, but 0 <= minHz < maxHz was expected.`);
  }
  const inFloat32 = convention === 'torchaudio';
  if (inFloat32 && (scale === 'kaldi' || straightIn === 'mel'))
    throw optionError(
      'convention',
      convention,
      "one other than torchaudio's, whose filters are of scale slaney or htk and straight in hz,",
    );
  const hertz = inFloat32 ? torchaudioCorners(mels, minHz, maxHz, scale as 'slaney' | 'htk') : melCorners(mels, minHz, maxHz, scale);
  const places = inFloat32
    ? float32Steps(0, top, bins)
    : Float64Array.from({ length: bins }, (_, bin) => (exact ? (bin * sampleRate) / fftLength : (bin * top) / Math.max(1, bins - 1)));
  const axis = (values: Float64Array) => (straightIn === 'mel' ? values.map((value) => hzToMel(value, scale)) : values);
  const filters = triangles({
    corners: axis(hertz),
    places: axis(places),
    ...(norm && { widths: hertz }),
    ...(inFloat32 && { round: Math.fround }),
  });
  if (maxHz > sampleRate / 2) {
    const message = `maxHz is ${maxHz}, but sound at ${sampleRate} Hz has nothing above ${sampleRate / 2} Hz: filters up there stay silent.`;
    warn({ code: 'AUDIO_MEL_ABOVE_NYQUIST', message }, onWarning);
  }
  const empty = filters.lengths.reduce((count, length) => count + (length > 0 ? 0 : 1), 0);
  if (empty > 0) {
    const message = `${empty} of ${mels} mel filters lie between two bins of the spectrum and stay silent: take fewer mels or a longer fftLength.`;
    warn({ code: 'AUDIO_MEL_EMPTY', message }, onWarning);
  }
  return filters;
}

function binCount(fftLength: number): number {
  checkFftLength(fftLength);
  return (fftLength >> 1) + 1;
}

function melError(message: string): AudioError {
  return new AudioError({ code: 'AUDIO_MEL', message });
}
