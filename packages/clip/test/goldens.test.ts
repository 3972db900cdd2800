import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Expr, emitOnnx, evaluate, gradients, onnxBackend, ops } from '@polymodal/autograd';
import type { TensorLike } from '@polymodal/modality-registry';
import { checkWeights, type Layer, namedParameters } from '@polymodal/nn';
import * as ort from 'onnxruntime-node';
import { configFromOpenAI, contrastiveLoss, dualEncoder, exportTextModel, exportVisionModel, fromOpenAINames } from '../src/index.js';
import { type ClipGolden, clipGoldens, goldenArray, goldenConfig, goldenWeights, largestDifference, lossGoldens } from './goldens.js';

const backend = onnxBackend(ort, { threads: 1 });
afterAll(() => backend.dispose());

const data = (golden: Parameters<typeof goldenArray>[0]) => goldenArray(golden).data as Float32Array;

async function runOnce(graph: Uint8Array, feeds: Readonly<Record<string, TensorLike>> = {}) {
  const program = await backend.compile(graph);
  const results = await program.run(feeds);
  const values = new Map<string, Float32Array>();
  for (const [name, tensor] of Object.entries(results)) values.set(name, (await tensor.read()) as Float32Array);
  await program.release();
  return values;
}

/** The rows of the last text states at which the ids are largest. [texts, width] */
function pooled(golden: ClipGolden): Float32Array {
  const states = data(golden.intermediate['text.ln_final']!); // [texts, length, width]
  const { dims, data: ids } = goldenArray(golden.text) as TensorLike<'int64'>;
  const length = dims[1]!;
  const width = states.length / ids.length;
  return Float32Array.from({ length: dims[0]! * width }, (_, i) => {
    const row = Math.floor(i / width);
    const tokens = [...ids.subarray(row * length, (row + 1) * length)].map(Number);
    return states[(row * length + tokens.indexOf(Math.max(...tokens))) * width + (i % width)]!;
  });
}

/** Forward, loss and the gradients of all parameters as expressions over the golden's batch. */
function lossGraph(golden: ClipGolden) {
  const model = dualEncoder(goldenConfig(golden));
  const parameters = namedParameters(model);
  const [pixels, ids] = [ops.constant(goldenArray(golden.image)), ops.constant(goldenArray(golden.text))];
  const images = model.encodeImage(pixels);
  const texts = model.encodeText(ids);
  const visionState = (model.tree.vision_model as Layer)(pixels); // [images, width]
  const textState = (model.tree.text_model as Layer)(ids); // [texts, width]
  const cosines = ops.matmul(ops.l2Normalize(images), ops.l2Normalize(texts), { transposeB: true });
  const logits = ops.mul(cosines, ops.exp(model.logitScale)); // [images, texts]
  const loss = contrastiveLoss(images, texts, model.logitScale);
  const derivatives = gradients(loss, [...parameters.values()]);
  const outputs: Record<string, Expr> = { visionState, textState, images, texts, logits, probabilities: ops.softmax(logits), loss };
  return { parameters, outputs, derivatives: new Map([...parameters.keys()].map((name, i) => [`grad/${name}`, derivatives[i]!])) };
}

describe.each(clipGoldens)('$name agrees with openai/CLIP', (golden) => {
  const openAI = goldenWeights(golden.weights_openai_names);
  const weights = fromOpenAINames(openAI);
  const { parameters, outputs, derivatives } = lossGraph(golden);
  const expected = {
    visionState: data(golden.intermediate['visual.ln_post']!),
    textState: pooled(golden),
    images: data(golden.encode_image),
    texts: data(golden.encode_text),
    logits: data(golden.logits_per_image),
    probabilities: data(golden.softmax_per_image),
    loss: [golden.contrastive_loss],
  };

  describe('on ONNX Runtime', () => {
    let values: Map<string, Float32Array>;
    beforeAll(async () => {
      const names = new Map([...parameters].map(([name, node]) => [node, name]));
      values = await runOnce(emitOnnx({ outputs: { ...outputs, ...Object.fromEntries(derivatives) }, parameters: names, weights }));
    });

    test.each(Object.entries(expected))('%s', (name, value) => {
      expect(largestDifference(values.get(name)!, value)).toBeLessThan(1e-4);
    });

    test('the gradients of all weights', () => {
      const originals = fromOpenAINames(goldenWeights(golden.grad_all_weights_openai_names));
      expect([...originals.keys()].sort()).toEqual([...parameters.keys()].sort());
      for (const [name, original] of originals) {
        expect(original.dims).toEqual(parameters.get(name)!.dims);
        expect([name, largestDifference(values.get(`grad/${name}`)!, original.data) < 1e-4]).toEqual([name, true]);
      }
    });
  });

  test('in the float64 reference: features, logits, probabilities, loss', () => {
    const feeds = { parameters: new Map([...parameters].map(([name, node]) => [node, weights.get(name)!])) };
    const names = Object.keys(outputs) as (keyof typeof expected)[];
    const values = evaluate(
      names.map((name) => outputs[name]!),
      feeds,
    );
    names.forEach((name, i) => {
      expect([name, largestDifference(values[i]!.data, expected[name]) < 2e-5]).toEqual([name, true]);
    });
  });

  test('in the float64 reference: gradients of a bias, both projections and the logit scale', () => {
    const feeds = { parameters: new Map([...parameters].map(([name, node]) => [node, weights.get(name)!])) };
    const originals = fromOpenAINames(goldenWeights(golden.grad_all_weights_openai_names));
    const names = [
      'logit_scale',
      'text_projection.weight',
      'visual_projection.weight',
      'text_model.encoder.layers.0.self_attn.k_proj.bias',
      'vision_model.embeddings.class_embedding',
    ];
    const values = evaluate(
      names.map((name) => derivatives.get(`grad/${name}`)!),
      feeds,
    );
    names.forEach((name, i) => {
      expect([name, largestDifference(values[i]!.data, originals.get(name)!.data) < 1e-5]).toEqual([name, true]);
    });
  });

  test('the exported towers, whose batch is open, give the same features', async () => {
    const model = dualEncoder(goldenConfig(golden));
    const images = await runOnce(exportVisionModel(model, weights), { pixel_values: goldenArray(golden.image) });
    expect(largestDifference(images.get('image_embeds')!, expected.images)).toBeLessThan(1e-4);
    const texts = await runOnce(exportTextModel(model, weights), { input_ids: goldenArray(golden.text) });
    expect(largestDifference(texts.get('text_embeds')!, expected.texts)).toBeLessThan(1e-4);
  });

  test('the configuration read off the shapes is the one that it was made with', () => {
    const config = goldenConfig(golden);
    const heads = config.vision_config.model_type === 'clip_vision_model' ? config.vision_config.num_attention_heads : 1;
    const derived = configFromOpenAI(openAI, { visionHeads: heads });
    // OpenAI's own models have heads of 64; this one does not.
    const textHeads = 'num_attention_heads' in config.text_config ? config.text_config.num_attention_heads : 1;
    expect({ ...derived, text_config: { ...derived.text_config, num_attention_heads: textHeads } }).toEqual(config);
  });
});

describe.each(clipGoldens.filter((golden) => golden.weights_hf_names !== undefined))('$name under Hugging Face names', (golden) => {
  test('has the names and shapes of our parameters, and the values that OpenAI names convert to', () => {
    const published = goldenWeights(golden.weights_hf_names!);
    const parameters = namedParameters(dualEncoder(goldenConfig(golden)));
    checkWeights(published, new Map([...parameters].map(([name, { dims }]) => [name, dims])));
    const converted = fromOpenAINames(goldenWeights(golden.weights_openai_names));
    for (const [name, { data: values }] of published) expect(largestDifference(converted.get(name)!.data, values)).toBe(0);
  });
});

describe.each(lossGoldens)('contrastiveLoss agrees with open_clip', (golden) => {
  const images = ops.parameter(golden.image.shape, () => data(golden.image));
  const texts = ops.parameter(golden.text.shape, () => data(golden.text));
  const scale = ops.parameter([], () => Float32Array.of(golden.logit_scale));
  const loss = contrastiveLoss(images, texts, scale);
  const outputs = [loss, ...gradients(loss, [images, texts, scale])];
  const expected = [[golden.loss], data(golden.grad_image), data(golden.grad_text), [golden.grad_logit_scale]];
  const start = new Map<string, TensorLike<'float32'>>([
    ['images', goldenArray(golden.image) as TensorLike<'float32'>],
    ['texts', goldenArray(golden.text) as TensorLike<'float32'>],
    ['scale', { type: 'float32', dims: [], data: Float32Array.of(golden.logit_scale) }],
  ]);
  const nodes: readonly [string, Expr][] = [
    ['images', images],
    ['texts', texts],
    ['scale', scale],
  ];

  test('in the float64 reference', () => {
    const values = evaluate(outputs, { parameters: new Map(nodes.map(([name, node]) => [node, start.get(name)!])) });
    values.forEach((value, i) => {
      expect(largestDifference(value.data, expected[i]!)).toBeLessThan(1e-5);
    });
  });

  test('on ONNX Runtime', async () => {
    const graph = emitOnnx({
      outputs: Object.fromEntries(outputs.map((output, i) => [`y${i}`, output])),
      parameters: new Map(nodes.map(([name, node]) => [node, name])),
      weights: start,
    });
    const values = await runOnce(graph);
    expected.forEach((value, i) => {
      expect(largestDifference(values.get(`y${i}`)!, value)).toBeLessThan(2e-5);
    });
  });
});
