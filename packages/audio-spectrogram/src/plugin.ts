import {
  type Audio,
  definePlugin,
  eachInput,
  type ModelInputs,
  type ProcessorPart,
  type TensorLike,
  type TokenizerPart,
} from '@polymodal/modality-registry';
import { checkNames } from './choices.js';
import { AudioError, checkOptions, shown } from './errors.js';
import { patchSides, type SpectrogramPatchOptions, spectrogramPatches } from './patches/spectrogram-patches.js';
import { type AudioProcessor, audioProcessor } from './processor/audio-processor.js';
import type { AudioPreprocessorConfig } from './processor/config.js';

/** The version of this package, which its plugins carry. */
export const VERSION = '0.0.0';

export interface AudioPluginOptions extends Pick<SpectrogramPatchOptions, 'patchSize' | 'stride'> {
  /** What is cut into patches: an `ASTFeatureExtractor`; default AST's own, 128 bins of 1,024 frames. */
  readonly spectrogram?: AudioPreprocessorConfig;
  /** What the processor part does; default Whisper's `input_features`. */
  readonly processor?: AudioPreprocessorConfig;
}

/**
 * A plugin for sounds of 16 kHz: a tokenizer that cuts the spectrogram of the Audio Spectrogram Transformer into its patches (of 10.24 s, padded
 * or cut off, 12 × 101 of 16 × 16), and a processor that makes `input_features` of 30 s, as Whisper reads them.
 */
export function audioPlugin(options: AudioPluginOptions = {}) {
  checkNames('audioPlugin', checkOptions('audioPlugin', options), ['spectrogram', 'processor', 'patchSize', 'stride']);
  return definePlugin({
    name: '@polymodal/audio-spectrogram/patches',
    version: VERSION,
    parts: [patchTokenizer(options), processorPart(options.processor ?? { feature_extractor_type: 'WhisperFeatureExtractor' })],
  });
}

/** A plugin that only preprocesses, as a `preprocessor_config.json` says. @throws AudioError as `audioProcessor` does */
export function audioProcessorPlugin(config: AudioPreprocessorConfig) {
  return definePlugin({ name: '@polymodal/audio-spectrogram/processor', version: VERSION, parts: [processorPart(config)] });
}

function patchTokenizer({ spectrogram, ...cut }: AudioPluginOptions): TokenizerPart<'audio'> {
  // Checked now, so that what cannot be meant fails where it was written.
  const { patch } = patchSides(cut);
  const processor = audioProcessor(spectrogram ?? { feature_extractor_type: 'ASTFeatureExtractor' });
  if (processor.type !== 'ASTFeatureExtractor') {
    throw new AudioError({
      code: 'AUDIO_OPTION',
      message: `spectrogram is a ${processor.type}, but an ASTFeatureExtractor was expected.`,
      fix: 'Cut other spectrograms with spectrogramPatches.',
    });
  }
  return {
    kind: 'tokenizer',
    modality: 'audio',
    async encode(audios, call) {
      checkBatch(audios);
      const items = await eachInput(audios, call, 'cutting', (audio) => {
        const spectrogram = processor(audio)[processor.inputName] as TensorLike<'float32'>; // [1, frames, bins]
        return spectrogramPatches(spectrogram, { ...cut, layout: 'frames-first' });
      });
      if (items.length === 0) return { values: { type: 'float32', dims: [0, 0, patch.frequency * patch.time], data: new Float32Array(0) } };
      return { values: joined(items.map(({ values }) => values)), grid: items[0]!.grid }; // [batch, rows × columns, patch area]
    },
  };
}

function processorPart(config: AudioPreprocessorConfig): ProcessorPart<'audio'> {
  const processor = audioProcessor(config);
  return {
    kind: 'processor',
    modality: 'audio',
    async process(audios, call) {
      checkBatch(audios);
      // Together where lengths, or draws, depend on the others.
      if (!processor.independent || audios.length === 0) return (await eachInput([audios], call, 'preprocessing', processor.batch))[0]!;
      return joinedInputs(await eachInput(audios, call, 'preprocessing', (audio) => processor(audio)), processor);
    },
  };
}

/** The named inputs of batches of one → of all. */
function joinedInputs(items: readonly ModelInputs[], { inputName }: AudioProcessor): ModelInputs {
  const names = Object.keys(items[0] ?? { [inputName]: 0 });
  return Object.fromEntries(names.map((name) => [name, joined(items.map((item) => item[name] as TensorLike<'float32'>))]));
}

/** [1, …] each → [batch, …] */
function joined(items: readonly TensorLike<'float32'>[]): TensorLike<'float32'> {
  const { type, dims, data } = items[0]!;
  // An attention mask is of integers: of whatever kind the first is.
  const all = new (data.constructor as Float32ArrayConstructor)(items.length * data.length);
  for (const [i, item] of items.entries()) all.set(item.data, i * data.length);
  return { type, dims: [items.length, ...dims.slice(1)], data: all };
}

function checkBatch(audios: readonly Audio[]): void {
  if (Array.isArray(audios)) return;
  throw new AudioError({ code: 'AUDIO_BATCH', message: `the batch is ${shown(audios)}, but an array of sounds was expected.` });
}
