import type { ModelInputs } from '@polymodal/modality-registry';
import type { SignalOptions } from '../signal.js';

/** Choices of a call, with transformers' defaults for the configuration's type. Of lengths, AST and CLAP have their own: only CLAP takes `maxLength`. */
export interface AudioProcessorOptions extends SignalOptions {
  /** To the longest sound of the batch, to `maxLength`, or not at all (all must then be of one length). Whisper's default is `max`, 30 s; others' `longest`. */
  readonly padding?: 'longest' | 'max' | false;
  /** Samples, where waveforms are padded (Whisper, wav2vec 2.0, CLAP, Parakeet); frames, where features are (Seamless, Speech2Text). */
  readonly maxLength?: number;
  /** Whether what is longer than `maxLength` is cut; default false, Whisper's true. */
  readonly truncation?: boolean;
  /** Round lengths up to a multiple of this. */
  readonly multipleOf?: number;
  /** Whether `attention_mask` comes too; default as the configuration says. */
  readonly attentionMask?: boolean;
  /** Whether Whisper's samples are brought to mean 0 and variance 1 first; default false. */
  readonly normalize?: boolean;
  /** What CLAP's random cuts and Speech2Text's dither are drawn from; default 0. */
  readonly seed?: number;
}

/** What one type of configuration makes of sounds. */
export interface Extractor {
  /** Hertz. */
  readonly sampleRate: number;
  /** Name of the features among the inputs. */
  readonly name: 'input_features' | 'input_values';
  /** Shape of the features of one sound; 0 for an axis that depends on it. */
  readonly outputDims: readonly number[];
  /** Whether a sound's inputs are the same alone as in any batch: no length depends on the others, and nothing is drawn by its place. */
  readonly independent: boolean;
  /** Checked samples → named inputs; never called for none. */
  run(sounds: readonly Float32Array[], options: AudioProcessorOptions): ModelInputs;
}
