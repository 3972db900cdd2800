export { type AudioAugmentation, augmentAudio } from './augment/augment-audio.js';
export { type SpecAugmentOptions, specAugment } from './augment/spec-augment.js';
export { type AddNoiseOptions, addNoise, type DecibelRange, randomGain, randomTimeShift, type TimeShiftOptions } from './augment/steps.js';
export { AudioError } from './errors.js';
export { kaldiFbank, kaldiMfcc } from './kaldi/features.js';
export type { KaldiFbankOptions, KaldiMfccOptions, KaldiOptions, KaldiWindow } from './kaldi/options.js';
export { type KaldiStream, kaldiFbankStream, kaldiMfccStream } from './kaldi/stream.js';
export { type ConvolutionOptions, convolutionLength, convolutionStackLength } from './lengths/convolution.js';
export {
  type AstGridOptions,
  astPatchGrid,
  conformerEncoderLength,
  seamlessLength,
  type Wav2Vec2ConvolutionConfig,
  wav2vec2EncoderLength,
  whisperEncoderLength,
} from './lengths/encoders.js';
export { type KaldiFramesOptions, kaldiFrames, type StftFramesOptions, stftFrames, whisperFrames } from './lengths/frames.js';
export { mixDown } from './mix-down.js';
export {
  type PerDirection,
  type SpectrogramPatches,
  type SpectrogramPatchOptions,
  spectrogramPatches,
} from './patches/spectrogram-patches.js';
export type { SpectrogramPictureOptions } from './picture/levels.js';
export { spectrogramImage } from './picture/spectrogram-image.js';
export { type SpectrogramSvgOptions, spectrogramSvg } from './picture/spectrogram-svg.js';
export type { Signal, SignalOptions } from './signal.js';
export type { SpectrogramLayout } from './spectrogram-tensor.js';
export {
  type ChannelAudio,
  type DecodeWavOptions,
  decodeWav,
  decodeWavChannels,
  type MonoOptions,
  type WavInfo,
  wavInfo,
} from './wav/decode.js';
export { type EncodeWavOptions, encodeWav, type WavTarget } from './wav/encode.js';
export type { WavEncoding } from './wav/format.js';
export { type ByteStream, type ReadWavOptions, readWav, readWavChannels } from './wav/read.js';
