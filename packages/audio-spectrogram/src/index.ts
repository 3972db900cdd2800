export { AudioError } from './errors.js';
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
export type { Signal, SignalOptions } from './signal.js';
