import { checkOptions, optionError } from '../errors.js';
import { type ConvolutionOptions, checkCount, convolutionLength, convolutionStackLength } from './convolution.js';
import { kaldiFrames } from './frames.js';

/** Whisper's stem (Radford et al. 2022, arXiv 2212.04356): two convolutions over time, the second halves. */
const whisperStem: readonly ConvolutionOptions[] = [
  { kernel: 3, padding: 1 },
  { kernel: 3, stride: 2, padding: 1 },
];

/** Conformer's subsampling (Gulati et al. 2020, arXiv 2005.08100): two 3×3 convolutions of stride 2 without padding. */
const conformerSubsampling: readonly ConvolutionOptions[] = [
  { kernel: 3, stride: 2 },
  { kernel: 3, stride: 2 },
];

/** Positions that Whisper's encoder has for `frames` of log-mel: 3,000 → 1,500. @throws AudioError AUDIO_LENGTH */
export function whisperEncoderLength(frames: number): number {
  return convolutionStackLength(frames, whisperStem);
}

/**
 * Positions that Conformer's encoder has for `frames`: ⌊(⌊(frames − 1) / 2⌋ − 1) / 2⌋, never below 0. The same rule gives its bins: 80 → 19.
 *
 * The shortcut (frames >> 2) − 1 of some implementations is one short for every fourth length.
 *
 * @throws AudioError AUDIO_LENGTH
 */
export function conformerEncoderLength(frames: number): number {
  return convolutionStackLength(frames, conformerSubsampling);
}

/** The fields of a wav2vec 2.0, HuBERT or WavLM config.json that say its convolutions. */
export interface Wav2Vec2ConvolutionConfig {
  /** Default 10, 3, 3, 3, 3, 2, 2. */
  readonly conv_kernel?: readonly number[];
  /** Default 5, 2, 2, 2, 2, 2, 2. */
  readonly conv_stride?: readonly number[];
  readonly [field: string]: unknown;
}

/**
 * Positions that wav2vec 2.0's encoder (Baevski et al. 2020, arXiv 2006.11477) has for `samples`: about one for 320.
 *
 * @throws AudioError AUDIO_LENGTH for what is no count, AUDIO_OPTION for lists of two lengths
 */
export function wav2vec2EncoderLength(samples: number, config: Wav2Vec2ConvolutionConfig = {}): number {
  const { conv_kernel: kernels = [10, 3, 3, 3, 3, 2, 2], conv_stride: strides = [5, 2, 2, 2, 2, 2, 2] } = checkOptions(
    'wav2vec2EncoderLength',
    config,
  );
  if (!Array.isArray(kernels) || !Array.isArray(strides) || kernels.length !== strides.length) {
    throw optionError('[conv_kernel, conv_stride]', `[${kernels}], [${strides}]`, "the model's two lists of one length");
  }
  return convolutionStackLength(
    samples,
    kernels.map((kernel, i) => ({ kernel, stride: strides[i] })),
  );
}

export interface AstGridOptions {
  /** Frames of log-mel; default 1,024. */
  readonly frames?: number;
  /** Mel bins; default 128. */
  readonly bins?: number;
  /** Side of a patch; default 16. */
  readonly patchSize?: number;
  /** Bins from one patch to the next; default 10. */
  readonly frequencyStride?: number;
  /** Frames from one patch to the next; default 10. */
  readonly timeStride?: number;
}

/**
 * The grid of overlapping patches of the Audio Spectrogram Transformer (Gong et al. 2021, arXiv 2104.01778): 12 × 101 = 1,212 by default.
 *
 * @throws AudioError AUDIO_LENGTH for what is no count, AUDIO_OPTION for options that are no object
 */
export function astPatchGrid(options: AstGridOptions = {}): {
  readonly frequency: number;
  readonly time: number;
  readonly patches: number;
} {
  const { frames = 1024, bins = 128, patchSize = 16, frequencyStride = 10, timeStride = 10 } = checkOptions('astPatchGrid', options);
  checkCount(patchSize, 'patchSize', 1);
  const frequency = convolutionLength(bins, { kernel: patchSize, stride: frequencyStride });
  const time = convolutionLength(frames, { kernel: patchSize, stride: timeStride });
  return { frequency, time, patches: frequency * time };
}

/**
 * Positions that SeamlessM4T's and w2v-BERT's features have for `samples` at 16 kHz, alone in a batch: Kaldi frames, filled up to an even
 * number, `stride` of them at a time. With the usual stride of 2 the mask leaves out a last group that was filled up.
 *
 * @throws AudioError AUDIO_LENGTH
 */
export function seamlessLength(samples: number, stride = 2): number {
  checkCount(stride, 'stride', 1);
  const frames = kaldiFrames(samples);
  return Math.floor((frames + (frames % 2)) / stride);
}
