export { type AudioAugmentation, augmentAudio } from './augment/augment-audio.js';
export { type SpecAugmentOptions, specAugment } from './augment/spec-augment.js';
export { type AddNoiseOptions, addNoise, type DecibelRange, randomGain, randomTimeShift, type TimeShiftOptions } from './augment/steps.js';
export { enginePath } from './engine/engine.js';
export { AudioError } from './errors.js';
export { realFft } from './fft/real-fft.js';
export type { RealFft } from './fft/real-plan.js';
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
export { type MelBandOptions, type MelFilterOptions, melFilters } from './mel/filters.js';
export { fftFrequencies, type MelFrequencyOptions, melFrequencies } from './mel/frequencies.js';
export { hzToMel, melToHz } from './mel/pitch.js';
export type { MelScale } from './mel/scale.js';
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
export { type AudioPluginOptions, audioPlugin, audioProcessorPlugin } from './plugin.js';
export { type AudioProcessor, audioProcessor } from './processor/audio-processor.js';
export type { AudioPreprocessorConfig } from './processor/config.js';
export type { AudioProcessorOptions } from './processor/extractor.js';
export { resamplePath } from './resample/convolve.js';
export type { PolyphaseOptions, ResampleOptions, SincResampleOptions } from './resample/options.js';
export { resample } from './resample/resample.js';
export { type ResampleStream, resampleChunks, resampleStream } from './resample/stream.js';
export type { Signal, SignalOptions } from './signal.js';
export { type DctOptions, dct } from './spectrogram/dct.js';
export { amplitudeToDb, type Decibels, powerToDb } from './spectrogram/decibels.js';
export type { Logarithm, LogScale } from './spectrogram/log-scale.js';
export { logMel, melSpectrogram } from './spectrogram/mel-spectrogram.js';
export { type MfccOptions, mfcc } from './spectrogram/mfcc.js';
export { type LogMelOptions, type MelSpectrogramOptions, torchaudioMel } from './spectrogram/options.js';
export type { SpectrogramLayout } from './spectrogram-tensor.js';
export { type IstftOptions, istft } from './stft/istft.js';
export type { FrameOptions } from './stft/options.js';
export type { PadMode } from './stft/padding.js';
export { type ComplexSpectrogram, type StftOptions, stft } from './stft/stft.js';
export type { ChunkSource, ReadableStreamLike } from './stream/chunk-source.js';
export type { FrameStream } from './stream/frame-stream.js';
export { type JoinFramesOptions, joinFrames } from './stream/join-frames.js';
export { logMelStream, melSpectrogramStream, type Streamed } from './stream/mel-stream.js';
export { type ChunkConsumer, streamFrames } from './stream/stream-frames.js';
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
export type { WhisperOptions } from './whisper/engine.js';
export { normalizeWhisper } from './whisper/normalize.js';
export { type WhisperStream, type WhisperStreamOptions, whisperStream } from './whisper/stream.js';
export { type WhisperLogMelOptions, whisperFeatures, whisperLogMel } from './whisper/whisper.js';
export { type WindowName, type WindowOptions, windowFunction } from './window.js';
