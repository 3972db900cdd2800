import { AudioError, shown } from '../errors.js';
import { clap, clapDefaults } from './clap.js';
import type { Fields } from './config.js';
import type { Extractor } from './extractor.js';
import { ast, astDefaults, seamless, seamlessDefaults, speechToText, speechToTextDefaults, wenetDefaults } from './kaldi-features.js';
import { parakeet, parakeetDefaults } from './parakeet.js';
import { speechT5Defaults, wav2vec2Defaults, waveforms } from './waveform.js';
import { whisper, whisperDefaults } from './whisper.js';

export interface KnownType {
  readonly defaults: Readonly<Record<string, unknown>>;
  readonly extractor: (fields: Fields) => Extractor;
}

/**
 * Every type that is known, by the name that configurations carry, or by the repository whose own code does it. A new one that does the same with
 * other numbers is a new row.
 */
const known: Readonly<Record<string, KnownType>> = {
  WhisperFeatureExtractor: { defaults: whisperDefaults, extractor: whisper },
  ASTFeatureExtractor: { defaults: astDefaults, extractor: ast },
  ClapFeatureExtractor: { defaults: clapDefaults, extractor: clap },
  Wav2Vec2FeatureExtractor: { defaults: wav2vec2Defaults, extractor: waveforms },
  SpeechT5FeatureExtractor: { defaults: speechT5Defaults, extractor: waveforms },
  SeamlessM4TFeatureExtractor: { defaults: seamlessDefaults, extractor: seamless },
  Speech2TextFeatureExtractor: { defaults: speechToTextDefaults, extractor: speechToText },
  ParakeetFeatureExtractor: { defaults: parakeetDefaults, extractor: parakeet },
  'wenet-e2e/wenet': { defaults: wenetDefaults, extractor: speechToText },
};

/** @throws AudioError AUDIO_PROCESSOR_UNKNOWN, listing the known types */
export function knownType(type: unknown): KnownType {
  const found = typeof type === 'string' && Object.hasOwn(known, type) ? known[type] : undefined;
  if (found) return found;
  throw new AudioError({
    code: 'AUDIO_PROCESSOR_UNKNOWN',
    message: `the configuration's feature_extractor_type is ${shown(type)}, but one of ${Object.keys(known).join(', ')} was expected.`,
    fix: 'Where the model needs the same steps as one of these, set feature_extractor_type to that name.',
  });
}
