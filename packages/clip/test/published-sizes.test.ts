import { expect, test } from '@jest/globals';
import { type Layer, parameterCount } from '@polymodal/nn';
import { dualEncoder, parseClipConfig } from '../src/index.js';

const tower = (width: number, layers: number, heads: number) => ({
  hidden_size: width,
  intermediate_size: 4 * width,
  num_hidden_layers: layers,
  num_attention_heads: heads,
});

/** OpenAI's models, as their config.json on the hub says. */
function openAI(image: number, patch: number, vision: object, text: object, projection: number) {
  return dualEncoder(
    parseClipConfig({
      model_type: 'clip',
      projection_dim: projection,
      text_config: { ...text, vocab_size: 49_408, max_position_embeddings: 77 },
      vision_config: { ...vision, image_size: image, patch_size: patch },
    }),
  );
}

const [base, large] = [tower(768, 12, 12), tower(1024, 24, 16)];
const models = {
  'ViT-B/32': openAI(224, 32, base, tower(512, 12, 8), 512),
  'ViT-B/16': openAI(224, 16, base, tower(512, 12, 8), 512),
  'ViT-L/14': openAI(224, 14, large, tower(768, 12, 12), 768),
  'ViT-L/14@336px': openAI(336, 14, large, tower(768, 12, 12), 768),
};

test('CLIP has the parameters of the published sizes, built without their values', () => {
  expect(Object.fromEntries(Object.entries(models).map(([name, model]) => [name, parameterCount(model)]))).toEqual({
    'ViT-B/32': 151_277_313,
    'ViT-B/16': 149_620_737,
    'ViT-L/14': 427_616_513,
    'ViT-L/14@336px': 427_944_193,
  });
  // Stable Diffusion's text encoder: the text tower of ViT-L/14 without its projection.
  expect(parameterCount(models['ViT-L/14'].tree.text_model as Layer)).toBe(123_060_480);
});
