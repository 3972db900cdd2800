import { afterAll, describe, expect, test } from '@jest/globals';
import { type Expr, onnxBackend, ops } from '@polymodal/autograd';
import type { TensorLike } from '@polymodal/modality-registry';
import * as ort from 'onnxruntime-node';
import { whisperGolden } from '../../test/golden-configs.js';
import { expectClose } from '../../test/goldens.js';
import { modelGolden, runBoth } from '../../test/model-goldens.js';
import { initialize } from '../initialize.js';
import { type Adapt, loraAdapter } from '../lora.js';
import { type Module, namedParameters } from '../module.js';
import { sgd } from '../optimizer.js';
import { compileTrainingStep } from '../training-step.js';
import { t5 } from './t5.js';
import { vit } from './vit.js';
import { whisper } from './whisper.js';

const backend = onnxBackend(ort, { threads: 1 });
afterAll(() => backend.dispose());

type Fed = Readonly<Record<string, Expr>>;
interface Backbone {
  readonly model: Module;
  readonly logits: (fed: Fed) => Expr;
}

const t5Of = (adapt: Adapt): Backbone => {
  const sizes = { vocab_size: 30, d_model: 16, d_kv: 6, d_ff: 20, num_heads: 2, num_layers: 2 };
  const model = t5({ ...sizes, relative_attention_num_buckets: 8, relative_attention_max_distance: 6 }, { adapt });
  return { model, logits: ({ source, source_mask, ids }) => model(source!, source_mask!, ids!) };
};
const vitOf = (adapt: Adapt): Backbone => {
  const sizes = { image_size: 32, patch_size: 8, hidden_size: 32, num_hidden_layers: 1, num_attention_heads: 4, intermediate_size: 64 };
  const model = vit({ ...sizes, layer_norm_eps: 1e-6, num_labels: 10 }, { adapt });
  return { model, logits: ({ x }) => model(x!) };
};
const whisperOf = (adapt: Adapt): Backbone => {
  const model = whisper(whisperGolden, { adapt });
  return { model, logits: ({ mel, tokens }) => model(mel!, tokens!) };
};

describe.each([
  ['T5', 't5', t5Of, ['source', 'source_mask', 'ids'], 32, 'decoder.block.1.layer.1.EncDecAttention.k'],
  ['ViT', 'vit', vitOf, ['x'], 6, 'vit.encoder.layer.0.attention.attention.query'],
  ['Whisper', 'whisper', whisperOf, ['mel', 'tokens'], 16, 'model.decoder.layers.0.encoder_attn.k_proj'],
] as const)('low-rank adapters in %s', (_, file, build, inputs, count, example) => {
  const golden = modelGolden(file);
  const { model, logits } = build(loraAdapter({ rank: 2 }));
  const feeds: Record<string, TensorLike> = Object.fromEntries(inputs.map((name) => [name, golden.tensor(name)]));
  const weights = new Map([...initialize(model, 1), ...golden.weights]);

  test('one at every linear layer of the blocks, by its name', () => {
    const names = [...namedParameters(model).keys()].filter((name) => !golden.weights.has(name));
    expect(names).toHaveLength(2 * count);
    expect(names).toEqual(expect.arrayContaining([`${example}.lora_A.weight`, `${example}.lora_B.weight`]));
  });

  test('start as the model without them', async () => {
    const constants = Object.fromEntries(inputs.map((name) => [name, ops.constant(feeds[name]!)]));
    const { onnx } = await runBoth(backend, model, { logits: logits(constants) }, weights);
    expectClose(onnx.logits!, golden.tensor('logits').data as Float32Array, file === 't5' ? 1e-4 : 1e-5);
  });

  test('training moves them, and nothing else', async () => {
    const step = await compileTrainingStep(model, {
      backend,
      batch: feeds,
      loss: (fed) => ops.mean(ops.mul(logits(fed), logits(fed))),
      optimizer: sgd({ learningRate: 0.1 }),
      trainable: (name) => name.includes('lora_'),
      weights,
    });
    for (let at = 0; at < 2; at++) await step.run(feeds, at, 2);
    const after = await step.weights();
    await step.release();
    // A has no gradient before B is something.
    const moved = [...after]
      .filter(([name, { data }]) => data.some((value, i) => value !== weights.get(name)!.data[i]))
      .map(([name]) => name);
    expect(moved.sort()).toEqual([...after.keys()].filter((name) => name.includes('lora_')).sort());
  });
});
