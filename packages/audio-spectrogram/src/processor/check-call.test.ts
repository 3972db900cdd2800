import { expect, test } from '@jest/globals';
import type { Warning } from '@polymodal/modality-registry';
import { clip, goldens } from '../../test/processor-goldens.js';
import { audioProcessor } from './audio-processor.js';
import type { AudioPreprocessorConfig } from './config.js';

const speech = clip(['jfk_0_3s', 9000, 12_345], 16_000);
const wav2vec2 = audioProcessor({ feature_extractor_type: 'Wav2Vec2FeatureExtractor' });
const types = goldens.map(({ config }) => config.feature_extractor_type!);
test.each([...new Set(types)])('%s refuses options that there cannot be, whether it needs them or not', (type) => {
  const processor = audioProcessor({ feature_extractor_type: type });
  const sound = { data: speech.data, sampleRate: processor.sampleRate };
  const wrong = [
    null,
    'fast',
    { padding: 'bogus' },
    { truncation: 'no' },
    { multipleOf: 1.5 },
    { maxLength: 0 },
    { attentionMask: 'no' },
    { normalize: 1 },
    { seed: 'x' },
    { seed: -1 },
    { notFinite: 'zeros' },
    { onWarning: 'x' },
    { max_length: 10 },
  ];
  for (const options of wrong) {
    expect(() => processor(sound, options as never)).toThrow(expect.objectContaining({ code: 'AUDIO_OPTION' }));
  }
});

test('a misspelt name is answered with those that there are', () => {
  expect(() => wav2vec2(speech, { max_length: 10 } as never)).toThrow(/no option "max_length"; it has padding, maxLength, /);
});

test.each<[AudioPreprocessorConfig, object]>([
  [{ feature_extractor_type: 'ClapFeatureExtractor', max_length_s: 1e9 }, {}],
  [{ feature_extractor_type: 'ClapFeatureExtractor' }, { maxLength: 2 ** 40 }],
  [{ feature_extractor_type: 'ClapFeatureExtractor', hop_length: 1, max_length_s: 1000, sampling_rate: 16_000 }, {}],
  [{ feature_extractor_type: 'WhisperFeatureExtractor', chunk_length: 1e9 }, {}],
  [{ feature_extractor_type: 'ASTFeatureExtractor', max_length: 2 ** 40 }, {}],
  [
    { feature_extractor_type: 'ParakeetFeatureExtractor', hop_length: 1, feature_size: 60_000 },
    { padding: 'max', maxLength: 2 ** 28 },
  ],
])('%j with %j is more than memory', (config, options) => {
  const processor = audioProcessor(config);
  const sound = { data: speech.data, sampleRate: processor.sampleRate };
  expect(() => processor(sound, options)).toThrow(expect.objectContaining({ code: 'AUDIO_TOO_LARGE' }));
});

test('a batch of loud sounds is warned of once', () => {
  const heard: Warning[] = [];
  const loud = { ...speech, data: speech.data.map((x) => x * 32_768) };
  wav2vec2.batch([loud, loud, loud], { onWarning: (warning) => heard.push(warning) });
  expect(heard.map(({ code }) => code)).toEqual(['AUDIO_SCALE']);
});
