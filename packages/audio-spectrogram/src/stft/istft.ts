import { checkNames } from '../choices.js';
import { AudioError, checkOptions, optionError, shown } from '../errors.js';
import { planRealFft } from '../fft/real-plan.js';
import { binsOf, frameError, planFrames, windowError } from './options.js';
import { type ComplexSpectrogram, type StftOptions, stftNames } from './stft.js';

/** Those of `stft`, of which what concerns samples and padding changes nothing. */
export interface IstftOptions extends StftOptions {
  /** Samples of the signal, where the frames do not tell: it is cut there, or followed by silence. */
  readonly length?: number;
}

/** Summed windows below this leave no signal, as in torch. */
const LOWEST_ENVELOPE = 1e-11;
/** The most samples that come out: 1 GiB. */
const MOST_SAMPLES = 2 ** 28;

/**
 * The signal whose {@link stft} with the same options is nearest to [bins, frames], as `torch.istft`: frames transformed back, windowed and
 * added, and divided by the sum of the squared windows.
 *
 * @throws AudioError AUDIO_WINDOW where the windows leave a gap or do not fit; AUDIO_SPECTROGRAM for tensors that are no spectrogram of these
 * options; AUDIO_FRAME for lengths and hops, AUDIO_OPTION for other options that there cannot be; AUDIO_TOO_LARGE
 */
export function istft(spectrogram: ComplexSpectrogram, options: IstftOptions): Float32Array {
  checkNames('istft', checkOptions('istft', options), [...stftNames, 'length']);
  const { fftLength, hopLength, winLength, window, pad, divisor } = planFrames(options);
  if (hopLength > winLength)
    throw frameError(`hopLength is ${hopLength}, beyond winLength, ${winLength}: samples between windows are lost.`);
  const bins = binsOf(fftLength, options.onesided);
  const { real, imaginary, frames } = checkSpectrogram(spectrogram, bins);
  const end = (frames - 1) * hopLength + fftLength - pad;
  const { length = Math.max(0, end - pad) } = options;
  if (!(Number.isSafeInteger(length) && length >= 0)) throw optionError('length', length, 'a number of samples');
  if (length > MOST_SAMPLES) {
    throw new AudioError({ code: 'AUDIO_TOO_LARGE', message: `${length} samples are more than the 2^28 that come out at once.` });
  }

  const output = new Float32Array(length);
  const fft = planRealFft(fftLength);
  const re = new Float64Array(fft.bins);
  const im = new Float64Array(fft.bins);
  const frame = new Float64Array(fftLength);
  const sums = new Float64Array(fftLength);
  const envelope = new Float64Array(fftLength);
  for (let i = 0; i < frames; i++) {
    readSpectrum(real, imaginary, i, frames, bins, re, im);
    fft.inverse(re, im, frame);
    for (let j = 0; j < fftLength; j++) {
      const factor = window[j]!;
      sums[j] = sums[j]! + frame[j]! * factor;
      envelope[j] = envelope[j]! + factor * factor;
    }
    // No later frame reaches the first samples.
    const done = i + 1 < frames ? hopLength : fftLength;
    const first = i * hopLength - pad;
    for (let j = Math.max(0, -first); j < done && first + j < Math.min(length, end); j++) {
      if (envelope[j]! < LOWEST_ENVELOPE) throw gap(first + j);
      output[first + j] = (sums[j]! / envelope[j]!) * divisor;
    }
    for (const array of [sums, envelope]) {
      array.copyWithin(0, hopLength);
      array.fill(0, fftLength - hopLength);
    }
  }
  return output;
}

/** Column `i` of [bins, frames]; of two-sided spectra the part that a real signal has. */
function readSpectrum(
  real: Float32Array,
  imaginary: Float32Array,
  i: number,
  frames: number,
  bins: number,
  re: Float64Array,
  im: Float64Array,
): void {
  for (let b = 0; b < re.length; b++) {
    const at = b * frames + i;
    re[b] = real[at]!;
    im[b] = imaginary[at]!;
    if (bins === re.length) continue;
    const conjugate = ((bins - b) % bins) * frames + i;
    re[b] = (re[b]! + real[conjugate]!) / 2;
    im[b] = (im[b]! - imaginary[conjugate]!) / 2;
  }
}

function checkSpectrogram(
  spectrogram: ComplexSpectrogram,
  bins: number,
): { readonly real: Float32Array; readonly imaginary: Float32Array; readonly frames: number } {
  const { real, imaginary }: Partial<ComplexSpectrogram> = spectrogram ?? {};
  const frames = real?.dims?.[1] ?? 0;
  for (const [name, tensor] of Object.entries({ real, imaginary })) {
    const { dims, data } = tensor ?? {};
    if (
      data instanceof Float32Array &&
      dims?.length === 2 &&
      dims[0] === bins &&
      dims[1] === frames &&
      data.length === bins * frames &&
      frames > 0
    )
      continue;
    throw new AudioError({
      code: 'AUDIO_SPECTROGRAM',
      message: `the ${name} part is ${data?.constructor?.name} of [${shown(dims)}], but float32 of [${bins}, ${frames || 'frames'}] was expected.`,
      fix: 'Pass what stft gave, with the options that it had.',
    });
  }
  return { real: real!.data, imaginary: imaginary!.data, frames };
}

function gap(sample: number): AudioError {
  return windowError(
    `the windows that cover sample ${sample} are all 0 there, so that nothing tells its value.`,
    'Take a shorter hop, another window, or center: true.',
  );
}
