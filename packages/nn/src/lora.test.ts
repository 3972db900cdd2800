import { afterAll, describe, expect, test } from '@jest/globals';
import { evaluate, gradients, onnxBackend, ops } from '@polymodal/autograd';
import type { TensorLike } from '@polymodal/modality-registry';
import { createRandom } from '@polymodal/modality-registry';
import * as ort from 'onnxruntime-node';
import { gpt2Golden, llamaGolden } from '../test/golden-configs.js';
import { expectClose } from '../test/goldens.js';
import { modelGolden, runBoth } from '../test/model-goldens.js';
import { initialize, normal } from './initialize.js';
import { layerNorm, linear, sequential } from './layers.js';
import { lora, loraAdapter, mergeLora, unmergeLora } from './lora.js';
import { gpt2 } from './models/gpt2.js';
import { llama } from './models/llama.js';
import { type Layer, namedParameters, parameterCount } from './module.js';
import { sgd } from './optimizer.js';
import { train } from './train.js';

const backend = onnxBackend(ort, { threads: 1 });
afterAll(() => backend.dispose());

/** Start values in which the updates do something. */
function drawn(model: Layer<never[], unknown>, base: ReadonlyMap<string, TensorLike<'float32'>>): Map<string, TensorLike<'float32'>> {
  const random = createRandom(4);
  const out = new Map([...initialize(model, 1), ...base]);
  for (const [name, { dims }] of out)
    if (name.includes('lora_')) out.set(name, { type: 'float32', dims, data: normal(0.3)(dims, random.fork(name)) });
  return out;
}

describe.each([
  [
    'GPT-2, whose weights are [inputs, outputs]',
    'gpt2',
    (adapt: ReturnType<typeof loraAdapter> | undefined) => gpt2(gpt2Golden, { adapt }),
  ],
  ['Llama', 'llama', (adapt: ReturnType<typeof loraAdapter> | undefined) => llama(llamaGolden, { adapt })],
] as const)('%s', (_, file, build) => {
  const golden = modelGolden(file);
  const plain = build(undefined);
  const adapted = build(loraAdapter({ rank: 2, alpha: 6 }));
  const ids = ops.constant(golden.tensor('ids'));

  test('starts as the model without adapters', async () => {
    const weights = new Map([...initialize(adapted, 1), ...golden.weights]);
    const { onnx } = await runBoth(backend, adapted, { logits: adapted(ids) }, weights);
    expectClose(onnx.logits!, golden.tensor('logits').data as Float32Array, 1e-5);
  });

  test('merged weights compute the same without adapters, and unmerge', async () => {
    const weights = drawn(adapted, golden.weights);
    const apart = await runBoth(backend, adapted, { logits: adapted(ids) }, weights);
    const merged = mergeLora(adapted, weights);
    expect([...merged.keys()].sort()).toEqual([...namedParameters(plain).keys()].sort());
    const joined = await runBoth(backend, plain, { logits: plain(ids) }, merged);
    expectClose(joined.float64.logits!, apart.float64.logits!, 1e-5);
    expectClose(joined.onnx.logits!, apart.onnx.logits!, 1e-4);
    const back = unmergeLora(adapted, merged, weights);
    expect([...back.keys()].sort()).toEqual([...weights.keys()].sort());
    for (const [name, { data }] of back) expectClose(data, weights.get(name)!.data, 1e-6);
  });
});

test('a layer computes x·Wᵀ + b + alpha / rank · x·Aᵀ·Bᵀ, and names its factors as peft does', () => {
  const base = linear(3, 2);
  const adapted = lora(base, { rank: 1, alpha: 4 });
  expect([...namedParameters(adapted).keys()]).toEqual(['weight', 'bias', 'lora_A.weight', 'lora_B.weight']);
  const [weight, bias, down, up] = [...namedParameters(adapted).values()];
  const tensor = (dims: number[], ...data: number[]): TensorLike => ({ type: 'float32', dims, data: Float32Array.from(data) });
  const [y] = evaluate([adapted(ops.constant(tensor([1, 3], 1, 2, 3)))], {
    parameters: new Map([
      [weight!, tensor([2, 3], 1, 0, 0, 0, 1, 0)],
      [bias!, tensor([2], 10, 20)],
      [down!, tensor([1, 3], 1, 1, 1)],
      [up!, tensor([2, 1], 1, -1)],
    ]),
  });
  expect([...y!.data]).toEqual([1 + 10 + 24, 2 + 20 - 24]);
  const slopes = gradients(ops.sum(adapted(ops.constant(tensor([1, 3], 1, 2, 3)))), [down!, up!]);
  expect(slopes.map(({ dims }) => dims)).toEqual([
    [1, 3],
    [2, 1],
  ]);
});

test('only the chosen layers are adapted: 0.1 % of GPT-2', () => {
  const adapted = gpt2({ ...gpt2Golden, n_layer: 3 }, { adapt: loraAdapter({ rank: 2, match: (name) => name.endsWith('c_attn') }) });
  const factors = [...namedParameters(adapted).keys()].filter((name) => name.includes('lora_'));
  expect(factors).toEqual([0, 1, 2].flatMap((i) => ['A', 'B'].map((part) => `h.${i}.attn.c_attn.lora_${part}.weight`)));
  expect(parameterCount(adapted) - parameterCount(gpt2({ ...gpt2Golden, n_layer: 3 }))).toBe(3 * 2 * (24 + 72));
});

test('training moves the factors alone', async () => {
  const adapted = lora(linear(3, 3), { rank: 2 });
  const x = { type: 'float32', dims: [2, 3], data: Float32Array.of(1, 2, 3, -1, 0, 2) } as const;
  const weights = initialize(adapted, 3);
  const run = train(adapted, {
    backend,
    data: () => ({ x }),
    loss: (batch) => ops.meanSquaredError(adapted(batch.x!), ops.constant({ type: 'float32', dims: [2, 3], data: new Float32Array(6) })),
    optimizer: sgd({ learningRate: 0.05 }),
    steps: 5,
    seed: 1,
    trainable: (name) => name.includes('lora_'),
    weights,
  });
  const losses: number[] = [];
  for await (const { loss } of run) losses.push(loss);
  expect(losses.at(-1)).toBeLessThan(losses[0]!);
  const after = await run.weights();
  for (const name of ['weight', 'bias']) expect(after.get(name)?.data ?? weights.get(name)!.data).toEqual(weights.get(name)!.data);
  expect(after.get('lora_B.weight')!.data).not.toEqual(weights.get('lora_B.weight')!.data);
  await run.release();
});

/** Of a layer from 4 to 3, and a factor under another name. */
function adaptedWeights(rank: number, other?: string): Map<string, TensorLike<'float32'>> {
  const weights = initialize(lora(linear(4, 3), { rank }), 1);
  return other === undefined ? weights : weights.set(other, weights.get('lora_A.weight')!);
}

function renamed(other: string): Map<string, TensorLike<'float32'>> {
  const weights = adaptedWeights(2, other);
  weights.delete('lora_A.weight');
  return weights;
}

test.each([
  ['a layer without a matrix', () => lora(layerNorm(4), { rank: 1 })],
  ['a layer that is adapted', () => lora(lora(linear(4, 3), { rank: 1 }), { rank: 1 })],
  ['a rank above the width', () => lora(linear(4, 3), { rank: 4 })],
  ['a rank that is no whole number', () => lora(linear(4, 3), { rank: 0.5 })],
  ['a merge without adapters', () => mergeLora(linear(4, 3), initialize(linear(4, 3), 1))],
  ['a merge with factors of another shape', () => mergeLora(lora(linear(4, 3), { rank: 1 }), adaptedWeights(2))],
  ["a merge with factors under peft's names in memory", () => mergeLora(lora(linear(4, 3), { rank: 2 }), renamed('lora_A.default.weight'))],
  ['a merge with factors that the model has not', () => mergeLora(lora(linear(4, 3), { rank: 2 }), adaptedWeights(2, 'q.lora_A.weight'))],
  [
    'a merge with a factor without its partner',
    () => {
      const weights = adaptedWeights(1);
      weights.delete('lora_B.weight');
      mergeLora(lora(linear(4, 3), { rank: 1 }), weights);
    },
  ],
  [
    'a merge into a weight that two layers share',
    () => {
      const base = linear(4, 4);
      const model = sequential(base, lora(base, { rank: 1 }));
      mergeLora(model, initialize(model, 1));
    },
  ],
])('%s is refused', (_, act) => {
  expect(act).toThrow(expect.objectContaining({ code: 'NN_LORA' }));
});
