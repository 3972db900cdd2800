import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom, onnxBackend } from '@polymodal/autograd';
import { contrastiveLoss, dualEncoder, maxLogitScale, parseClipConfig } from '@polymodal/clip';
import { loadClip, saveClip } from '@polymodal/clip/node';
import { imageProcessor } from '@polymodal/image-patcher';
import type { Image } from '@polymodal/modality-registry';
import { adamW, train } from '@polymodal/nn';
import { trainTokenizer } from '@polymodal/text-tokenizer';
import * as ort from 'onnxruntime-node';

// Data: plain pictures of 8×8 in three colours, and what they show. Yours may be photographs.
const names = ['red', 'green', 'blue'];
const draw = (name: string, level: number): Image => {
  const pixel = names.map((other) => (other === name ? level : 30));
  return { data: Uint8Array.from(Array(64).fill(pixel).flat()), width: 8, height: 8 };
};

// A tokenizer, a preprocessing and a model, each described by the file that it will have in the model's folder.
const captions = names.map((name) => `something ${name}`);
const tokenizer = await trainTokenizer(captions, {
  kind: 'byte-level-bpe',
  vocabularySize: 270,
  minimumCount: 1,
  specialTokens: { padding: '<|padding|>', end: '<|endoftext|>' },
});
const preprocessor = {
  image_processor_type: 'CLIPImageProcessor',
  size: { shortest_edge: 8 },
  crop_size: { height: 8, width: 8 },
  image_mean: [0.5, 0.5, 0.5],
  image_std: [0.5, 0.5, 0.5],
};
const model = dualEncoder(
  parseClipConfig({
    model_type: 'clip',
    space_name: 'colours',
    projection_dim: 8,
    text_config: {
      model_type: 'polymodal_bag_of_tokens',
      vocab_size: tokenizer.vocabularySize,
      embedding_size: 16,
      hidden_size: 16,
      intermediate_size: 32,
      max_position_embeddings: 16,
      pad_token_id: 0,
    },
    vision_config: { model_type: 'polymodal_convolutional', image_size: 8, hidden_size: 16, stage_sizes: [8, 16], stage_blocks: [0, 1] },
  }),
);

// Training: the batch of a step is a pure function of the step.
const backend = onnxBackend(ort);
const processor = imageProcessor(preprocessor);
const { ids } = tokenizer.encodeBatch(captions);
const run = train(model, {
  backend,
  seed: 7,
  steps: 60,
  data: (step) => {
    const random = createRandom(step);
    return { pixels: processor.batch(names.map((name) => draw(name, 150 + random.integer(100)))), ids };
  },
  loss: ({ pixels, ids }) => contrastiveLoss(model.encodeImage(pixels!), model.encodeText(ids!), model.logitScale),
  optimizer: adamW({ learningRate: 0.01 }),
  bounds: { logit_scale: [0, maxLogitScale] },
});
const losses: number[] = [];
for await (const { loss } of run) losses.push(loss);
console.log(`the loss fell to a tenth: ${losses.at(-1)! < losses[0]! / 10}`);

// A folder that loadClip, transformers.js and Python read alike.
const folder = join(await mkdtemp(join(tmpdir(), 'clip-')), 'colours');
await saveClip(folder, { model, weights: await run.weights(), tokenizer, preprocessor });
const space = await loadClip(folder, { backend });

const image = draw('green', 200);
const [best] = await space.classify({ image }, names, { template: 'something {}' });
console.log(best?.label);
const { vectors } = await space.embedText(['something red', 'something blue']);
console.log(vectors.dims, space.space.name);

await space.dispose();
await run.release();
await backend.dispose();
