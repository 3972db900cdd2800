import { afterAll, describe, expect, test } from '@jest/globals';
import { gradients, onnxBackend, ops } from '@polymodal/autograd';
import type { TensorLike } from '@polymodal/modality-registry';
import * as ort from 'onnxruntime-node';
import { countingBackend } from '../../test/counting-backend.js';
import { expectClose } from '../../test/goldens.js';
import { modelGolden, runBoth } from '../../test/model-goldens.js';
import { beamSearch } from '../generation/beam-search.js';
import { conditionalModel } from '../generation/conditional-model.js';
import { namedParameters, parameterCount } from '../module.js';
import { type T5Config, t5 } from './t5.js';

const { backend, live } = countingBackend(onnxBackend(ort, { threads: 1 }));
afterAll(() => backend.dispose());

const small: T5Config = {
  vocab_size: 30,
  d_model: 16,
  d_kv: 6,
  d_ff: 20,
  num_heads: 2,
  num_layers: 2,
  relative_attention_num_buckets: 8,
  relative_attention_max_distance: 6,
};

describe.each([
  ['the first version', 't5', small],
  ['version 1.1: gated, and with a head of its own', 't5-gated', { ...small, feed_forward_proj: 'gated-gelu', tie_word_embeddings: false }],
] as const)('%s', (_, file, config) => {
  const golden = modelGolden(file);
  const model = t5(config);
  const float32 = (name: string) => golden.tensor(name).data as Float32Array;

  test("transformers' encoder output, logits, loss and gradients, with a padded source", async () => {
    const [source, mask, ids] = ['source', 'source_mask', 'ids'].map((name) => ops.constant(golden.tensor(name))) as [
      ReturnType<typeof ops.constant>,
      ReturnType<typeof ops.constant>,
      ReturnType<typeof ops.constant>,
    ];
    const logits = model(source, mask, ids); // [2, 9, 30]
    const loss = ops.crossEntropy(ops.reshape(ops.slice(logits, 1, 0, 8), [16, 30]), ops.reshape(ops.slice(ids, 1, 1, 9), [16]));
    const parameters = namedParameters(model);
    expect([...parameters.keys()].sort()).toEqual([...golden.weights.keys()].sort());
    const names = [...golden.gradients.keys()];
    expect(names.length).toBeGreaterThan(12);
    const slopes = gradients(
      loss,
      names.map((name) => parameters.get(name)!),
    );
    const outputs = {
      hidden: model.encode(source, mask),
      logits,
      loss,
      ...Object.fromEntries(names.map((name, i) => [`gradient of ${name}`, slopes[i]!])),
    };
    const { float64, onnx } = await runBoth(backend, model, outputs, golden.weights);
    for (const results of [float64, onnx]) {
      for (const name of ['hidden', 'logits', 'loss'] as const) expectClose(results[name]!, float32(name), 1e-4);
      for (const name of names) expectClose(results[`gradient of ${name}`]!, golden.gradients.get(name)!.data, 1e-4);
    }
  });

  test('the same logits with a cache; beams of a batch are those of its rows alone', async () => {
    const conditional = await conditionalModel(model, { backend, weights: golden.weights });
    const inputs = { input_ids: golden.tensor('source'), attention_mask: golden.tensor('source_mask') };
    const read = await conditional.read(inputs);
    const ids = golden.ids('ids');
    let { logits, state } = await read.prefill([ids.slice(0, 4), ids.slice(9, 11)]);
    for (let at = 0; at < 5; at++) {
      expectClose(logits[0]!, float32('logits').subarray((3 + at) * 30, (4 + at) * 30), 1e-4);
      expectClose(logits[1]!, float32('logits').subarray((9 + 1 + at) * 30, (9 + 2 + at) * 30), 1e-4);
      ({ logits, state } = await read.step(state, [ids[4 + at]!, ids[11 + at]!]));
    }
    read.release(state);
    const options = { beams: 3, maxTokens: 5, stopIds: [1] };
    const both = await beamSearch(read, [[0], [0]], options);
    await read.dispose();
    const row = ({ data }: TensorLike): TensorLike => ({ type: 'int64', dims: [1, 7], data: (data as BigInt64Array).slice(12, 19) });
    const own = await conditional.read({ input_ids: row(inputs.input_ids), attention_mask: row(inputs.attention_mask) });
    const [alone] = await beamSearch(own, [[0]], options); // the second row, without its padding
    expect(both[1]!.map(({ ids: found }) => found)).toEqual(alone!.map(({ ids: found }) => found));
    await own.dispose();
    await conditional.dispose();
    expect(live()).toEqual({ tensors: 0, programs: 0 });
  });
});

test('parameters of the published sizes, built without their values', () => {
  const size = { vocab_size: 32_128, d_kv: 64 };
  expect(parameterCount(t5({ ...size, d_model: 512, d_ff: 2048, num_heads: 8, num_layers: 6 }))).toBe(60_506_624); // t5-small
  expect(parameterCount(t5({ ...size, d_model: 768, d_ff: 3072, num_heads: 12, num_layers: 12 }))).toBe(222_903_552); // t5-base
  const gated = { feed_forward_proj: 'gated-gelu', tie_word_embeddings: false } as const;
  expect(parameterCount(t5({ ...size, ...gated, d_model: 512, d_ff: 1024, num_heads: 6, num_layers: 8 }))).toBe(76_961_152); // v1.1 small
  expect(parameterCount(t5({ ...size, ...gated, d_model: 768, d_ff: 2048, num_heads: 12, num_layers: 12 }))).toBe(247_577_856); // flan-t5-base
});
