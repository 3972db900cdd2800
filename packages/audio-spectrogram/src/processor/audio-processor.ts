import type { Audio, ModelInputs } from '@polymodal/modality-registry';
import { AudioError, shown } from '../errors.js';
import { rateOf, samplesOf } from '../signal.js';
import { warnsOnce } from '../warns-once.js';
import { checkCall } from './check-call.js';
import { type AudioPreprocessorConfig, fieldsOf, wrong } from './config.js';
import type { AudioProcessorOptions, Extractor } from './extractor.js';
import { knownType } from './known.js';

/** A configured front end: call it with one sound, or its `batch` with several. */
export interface AudioProcessor {
  /** One sound → the model's inputs, a batch of one. @throws AudioError AUDIO_SAMPLE_RATE, AUDIO_SIGNAL, AUDIO_NOT_FINITE, AUDIO_TOO_SHORT, AUDIO_OPTION */
  (audio: Audio, options?: AudioProcessorOptions): ModelInputs;
  /** Several sounds → the model's inputs. [batch, …] @throws AudioError the same; AUDIO_BATCH for what is no list, and for lengths that stay apart */
  batch(audios: readonly Audio[], options?: AudioProcessorOptions): ModelInputs;
  readonly type: string;
  /** What sounds must have, in hertz. */
  readonly sampleRate: number;
  /** Name of the features among the inputs: `input_features`, or `input_values`. */
  readonly inputName: string;
  /** Shape of the features of one sound; 0 for an axis that depends on it. */
  readonly outputDims: readonly number[];
  /** Whether a sound's inputs are the same alone as in any batch, so that sounds can be processed one by one. */
  readonly independent: boolean;
}

/**
 * The audio preprocessing that a `preprocessor_config.json` describes, as Hugging Face transformers computes it: named model inputs with the shapes
 * that transformers gives.
 *
 * @throws AudioError AUDIO_PROCESSOR_UNKNOWN for a type that is not known, listing those that are; AUDIO_PROCESSOR_CONFIG for a field of the wrong kind
 */
export function audioProcessor(config: AudioPreprocessorConfig): AudioProcessor {
  if (typeof config !== 'object' || config === null || Array.isArray(config)) {
    throw wrong('the configuration', config, 'the parsed JSON of a preprocessor_config.json');
  }
  const { defaults, extractor: build } = knownType(config.feature_extractor_type);
  const extractor = build(fieldsOf(config, defaults));
  const batch = (audios: readonly Audio[], options: AudioProcessorOptions = {}): ModelInputs => {
    if (!Array.isArray(audios)) {
      throw new AudioError({ code: 'AUDIO_BATCH', message: `the batch is ${shown(audios)}, but an array of sounds was expected.` });
    }
    checkCall(options);
    const { name, outputDims } = extractor;
    if (audios.length === 0) return { [name]: { type: 'float32', dims: [0, ...outputDims], data: new Float32Array(0) } };
    const once = warnsOnce(options);
    return extractor.run(
      audios.map((audio) => checked(audio, extractor, once)),
      options,
    );
  };
  return Object.assign((audio: Audio, options?: AudioProcessorOptions) => batch([audio], options), {
    batch,
    type: config.feature_extractor_type!,
    sampleRate: extractor.sampleRate,
    inputName: extractor.name,
    outputDims: extractor.outputDims,
    independent: extractor.independent,
  });
}

function checked(audio: Audio, { sampleRate }: Extractor, options: AudioProcessorOptions): Float32Array {
  const samples = samplesOf(audio, options);
  const rate = rateOf(audio);
  if (rate === sampleRate) return samples;
  throw new AudioError({
    code: 'AUDIO_SAMPLE_RATE',
    message: `the sound has ${rate} Hz, but the model expects ${sampleRate} Hz.`,
    fix: `Call resample(audio, ${sampleRate}) first.`,
  });
}
