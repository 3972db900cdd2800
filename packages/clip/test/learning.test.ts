import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createRandom, onnxBackend, type Random } from '@polymodal/autograd';
import { imageProcessor } from '@polymodal/image-patcher';
import type { Image } from '@polymodal/modality-registry';
import { adamW, cosine, train } from '@polymodal/nn';
import { type Tokenizer, trainTokenizer } from '@polymodal/text-tokenizer';
import * as ort from 'onnxruntime-node';
import { type ClipSpace, clipSpace, contrastiveLoss, dualEncoder, maxLogitScale, parseClipConfig } from '../src/index.js';

// A check in miniature: shapes × colours drawn at 16 pixels, one colour of each shape and two more held out of training.
const size = 16;
const shapes = {
  circle: (x, y) => x * x + y * y < 1,
  square: (x, y) => Math.abs(x) < 0.85 && Math.abs(y) < 0.85,
  triangle: (x, y) => y > -0.8 && y < 0.9 && Math.abs(x) < (y + 0.9) / 1.8,
  cross: (x, y) => (Math.abs(x) < 0.3 && Math.abs(y) < 1) || (Math.abs(y) < 0.3 && Math.abs(x) < 1),
} satisfies Record<string, (x: number, y: number) => boolean>;
const colours = {
  red: [220, 30, 30],
  green: [30, 170, 50],
  blue: [40, 60, 220],
  yellow: [235, 205, 30],
  purple: [140, 40, 160],
  black: [20, 20, 20],
} satisfies Record<string, readonly [number, number, number]>;
type Shape = keyof typeof shapes;
type Colour = keyof typeof colours;

const shapeNames = Object.keys(shapes) as Shape[];
const colourNames = Object.keys(colours) as Colour[];
const combinations = shapeNames.flatMap((shape) => colourNames.map((colour) => ({ shape, colour })));
const heldOut = combinations.filter((_, i) => i % 5 === 2);
const trained = combinations.filter((_, i) => i % 5 !== 2);
const caption = ({ shape, colour }: { shape: Shape; colour: Colour }, template = 'a {}') => template.replace('{}', `${colour} ${shape}`);
const templates = ['a {}', 'a picture of a {}', 'a small {} on white', '{}'];

/** The shape somewhere on white, a little larger or smaller each time. */
function draw({ shape, colour }: { shape: Shape; colour: Colour }, random: Random): Image {
  const radius = 4 + 2 * random.uniform();
  const [left, top] = [radius + random.uniform() * (size - 2 * radius), radius + random.uniform() * (size - 2 * radius)];
  const data = new Uint8Array(size * size * 3).fill(255);
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++)
      if (shapes[shape]((x + 0.5 - left) / radius, (y + 0.5 - top) / radius)) data.set(colours[colour], (y * size + x) * 3);
  return { data, width: size, height: size, channels: 3 };
}

const backend = onnxBackend(ort, { threads: 1 });
const processor = imageProcessor({
  image_processor_type: 'CLIPImageProcessor',
  size: { height: size, width: size },
  crop_size: size,
  image_mean: [1, 1, 1],
  image_std: [0.35, 0.35, 0.35],
});
const views = 2;
const length = 12;

function batchAt(step: number, tokenizer: Tokenizer) {
  const random = createRandom(7).fork(step);
  const items = Array.from({ length: views }, () => trained).flat();
  const ids = tokenizer.encodeBatch(
    items.map((item) => caption(item, templates[random.integer(templates.length)])),
    { padding: 'max', maxLength: length },
  ).ids;
  return {
    pixels: processor.batch(items.map((item) => draw(item, random))),
    ids: { type: 'int64', dims: ids.dims, data: BigInt64Array.from(ids.data, BigInt) },
    // Two views of one combination are no negatives of each other.
    groups: { type: 'int64', dims: [items.length], data: BigInt64Array.from(items, (item) => BigInt(trained.indexOf(item))) },
  } as const;
}

let space: ClipSpace;
const losses: number[] = [];
const scales: number[] = [];
beforeAll(async () => {
  const tokenizer = await trainTokenizer(
    combinations.flatMap((item) => templates.map((template) => caption(item, template))),
    {
      kind: 'byte-level-bpe',
      vocabularySize: 320,
      addPrefixSpace: true,
      specialTokens: { padding: '<|padding|>', end: '<|endoftext|>' },
      modelMaxLength: length,
    },
  );
  const model = dualEncoder(
    parseClipConfig({
      model_type: 'clip',
      projection_dim: 32,
      text_config: {
        model_type: 'polymodal_bag_of_tokens',
        vocab_size: tokenizer.vocabularySize,
        embedding_size: 32,
        hidden_size: 32,
        intermediate_size: 64,
        max_position_embeddings: length,
        pad_token_id: 0,
      },
      vision_config: {
        model_type: 'polymodal_convolutional',
        image_size: size,
        hidden_size: 32,
        stage_sizes: [16, 24],
        stage_blocks: [0, 1],
      },
    }),
  );
  const run = train(model, {
    backend,
    seed: 7,
    steps: 250,
    data: (step) => batchAt(step, tokenizer),
    loss({ pixels, ids, groups }) {
      const options = { imageGroups: groups!, textGroups: groups! };
      return {
        loss: contrastiveLoss(model.encodeImage(pixels!), model.encodeText(ids!), model.logitScale, options),
        metrics: { scale: model.logitScale },
      };
    },
    optimizer: adamW({ learningRate: cosine({ peak: 4e-3, warmup: 20 }), weightDecay: 0.02 }),
    bounds: { logit_scale: [0, maxLogitScale] },
  });
  for await (const { loss, metrics } of run) {
    losses.push(loss);
    scales.push(metrics.scale!);
  }
  space = clipSpace({
    backend,
    model,
    weights: await run.weights(),
    tokenizer,
    processor,
    space: { name: 'shapes', fingerprint: '0123456789abcdef' },
  });
  await run.release();
}, 120_000);
afterAll(async () => {
  await space.dispose();
  await backend.dispose();
});

const renders = (perItem: number) => {
  const random = createRandom(99);
  return heldOut.flatMap((item) => Array.from({ length: perItem }, () => ({ item, image: draw(item, random) })));
};

test('the loss starts near chance and falls far', () => {
  expect(losses[0]!).toBeGreaterThan(Math.log(trained.length) - 0.5);
  expect(losses.at(-1)! - Math.log(views)).toBeLessThan(0.5); // two views share a target: log 2 is the least
  for (const scale of scales) expect(scale).toBeLessThanOrEqual(maxLogitScale);
});

test('combinations that were never seen are found among all, both ways', async () => {
  const pictures = renders(4);
  const { vectors: images } = await space.embedImages(pictures.map(({ image }) => image));
  const { vectors: texts } = await space.embedText(combinations.map((item) => caption(item)));
  const width = space.width;
  const similarity = (picture: number, text: number) => {
    let sum = 0;
    for (let i = 0; i < width; i++) sum += images.data[picture * width + i]! * texts.data[text * width + i]!;
    return sum;
  };
  const best = (count: number, score: (i: number) => number) => {
    let top = 0;
    for (let i = 1; i < count; i++) if (score(i) > score(top)) top = i;
    return top;
  };
  const imageToText = pictures.filter(({ item }, i) => combinations[best(combinations.length, (text) => similarity(i, text))] === item);
  const textToImage = heldOut.filter((item) => {
    const text = combinations.indexOf(item);
    return pictures[best(pictures.length, (picture) => similarity(picture, text))]!.item === item;
  });
  console.info(
    `held-out R@1: image to text ${imageToText.length}/${pictures.length}, text to image ${textToImage.length}/${heldOut.length}`,
  );
  expect(imageToText.length / pictures.length).toBeGreaterThanOrEqual(0.6); // chance: 1 in 24
  expect(textToImage.length / heldOut.length).toBeGreaterThanOrEqual(0.6); // chance: 1 in 5
});

test('zero-shot classification tells the colours of combinations that were never seen', async () => {
  const pictures = renders(4);
  let right = 0;
  for (const { item, image } of pictures) {
    const [first] = await space.classify({ image }, colourNames, { template: shapeNames.map((shape) => `a {} ${shape}`) });
    if (first!.label === item.colour) right++;
  }
  expect(right / pictures.length).toBeGreaterThanOrEqual(0.9);
});
