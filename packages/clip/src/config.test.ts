import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseClipConfig } from './config.js';
import { ClipError } from './errors.js';

const published = {
  model_type: 'clip',
  text_config: { model_type: 'clip_text_model' },
  vision_config: { model_type: 'clip_vision_model' },
};
const small = {
  model_type: 'clip',
  text_config: {
    model_type: 'polymodal_bag_of_tokens',
    vocab_size: 300,
    embedding_size: 8,
    hidden_size: 8,
    intermediate_size: 16,
    max_position_embeddings: 16,
    pad_token_id: 0,
  },
  vision_config: { model_type: 'polymodal_convolutional', image_size: 32, hidden_size: 8, stage_sizes: [4, 8], stage_blocks: [0, 1] },
};

test('what a checked configuration writes reads back as the same', () => {
  for (const config of [published, small])
    expect(parseClipConfig(JSON.parse(JSON.stringify(parseClipConfig(config))))).toEqual(parseClipConfig(config));
});

test('any JSON in any field gives a configuration or a ClipError, never anything else', () => {
  const fields = [published, small].flatMap((config) => [
    ...Object.keys(config).map((name) => ({ config, section: undefined, name })),
    ...(['text_config', 'vision_config'] as const).flatMap((section) =>
      [...Object.keys(config[section]), 'num_hidden_layers', 'patch_size', 'hidden_act', 'layer_norm_eps', 'eos_token_id'].map((name) => ({
        config,
        section,
        name,
      })),
    ),
  ]);
  const value = fc.oneof(fc.jsonValue(), fc.double(), fc.integer(), fc.constantFrom(undefined, '__proto__', 'constructor', 1e21, -0));
  let refused = 0;
  fc.assert(
    fc.property(fc.constantFrom(...fields), value, ({ config, section, name }, given) => {
      const changed =
        section === undefined ? { ...config, [name]: given } : { ...config, [section]: { ...config[section], [name]: given } };
      try {
        parseClipConfig(changed);
      } catch (error) {
        refused++;
        expect(error).toBeInstanceOf(ClipError);
        expect((error as ClipError).code).toBe('CLIP_CONFIG');
        expect((error as ClipError).message.length).toBeLessThan(400);
      }
    }),
    { seed: 7, numRuns: 2000 },
  );
  expect(refused).toBeGreaterThan(500);
});
