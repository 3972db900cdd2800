import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from '@jest/globals';
import { evaluate, onnxBackend, ops } from '@polymodal/autograd';
import type { TensorLike } from '@polymodal/modality-registry';
import * as ort from 'onnxruntime-node';
import { expectCachedSame, expectOriginal } from '../../test/decoder-checks.js';
import { llamaGolden } from '../../test/golden-configs.js';
import { expectClose } from '../../test/goldens.js';
import { modelGolden, runBoth } from '../../test/model-goldens.js';
import { cachedModel } from '../generation/cached-model.js';
import { type Module, namedParameters } from '../module.js';
import { type LlamaConfig, llama } from './llama.js';
import { type RotaryScaling, rotaryAngles } from './rotary-frequencies.js';

const backend = onnxBackend(ort, { threads: 1 });
afterAll(() => backend.dispose());

const cases: [string, string, LlamaConfig][] = [
  ['grouped queries', 'llama', llamaGolden],
  [
    'a tied head, biases, and positions slowed as in Llama 3.1',
    'llama-scaled',
    {
      ...llamaGolden,
      num_hidden_layers: 1,
      num_attention_heads: 2,
      num_key_value_heads: 1,
      max_position_embeddings: 512,
      rope_theta: 50_000,
      rope_scaling: { rope_type: 'llama3', factor: 8, low_freq_factor: 1, high_freq_factor: 4, original_max_position_embeddings: 256 },
      tie_word_embeddings: true,
      attention_bias: true,
    },
  ],
];

describe.each(cases)('%s', (_, file, config) => {
  const golden = modelGolden(file);
  test("transformers' logits, loss and gradients", () => expectOriginal(backend, llama(config), golden));
  test('the same logits with a cache', () => expectCachedSame(backend, llama(config), golden));
});

interface RotaryCase {
  readonly width: number;
  readonly theta: number;
  readonly max_position_embeddings: number;
  readonly rope_scaling: RotaryScaling & { readonly rope_type: string; readonly factor: number };
  readonly frequencies: readonly number[];
  readonly amplitude: number;
  readonly length?: number;
}

const rotaryCases = JSON.parse(readFileSync(new URL('../goldens/rotary.json', import.meta.url), 'utf8')) as readonly RotaryCase[];

test.each(rotaryCases.map((one) => [one.rope_scaling.rope_type, one.rope_scaling.factor, one] as const))(
  "transformers' frequencies: %s, %p times",
  (_, __, { width, theta: base, max_position_embeddings: length, rope_scaling: scaling, ...expected }) => {
    const at = expected.length === undefined ? 1 : expected.length - 1; // of a sequence that ends there
    const positions = ops.constant({ type: 'int64', dims: [1, 2], data: BigInt64Array.of(1n, BigInt(at)) });
    const { cos, sin } = rotaryAngles({ width, base, length, scaling })(positions);
    const [cosines, sines] = evaluate([cos, sin]).map(({ data }) => data.subarray(0, width / 2)); // those of position 1
    for (const [i, frequency] of expected.frequencies.entries()) {
      const [x, y] = [cosines![i]!, sines![i]!];
      expect(Math.abs(Math.atan2(y, x) / frequency - 1)).toBeLessThan(1e-6);
      expect(Math.hypot(x, y)).toBeCloseTo(expected.amplitude, 6);
    }
  },
);

describe('positions beyond those of the first training', () => {
  const golden = modelGolden('llama-positions');
  const one: LlamaConfig = {
    ...llamaGolden,
    vocab_size: 20,
    num_hidden_layers: 1,
    num_attention_heads: 2,
    num_key_value_heads: 1,
    tie_word_embeddings: true,
  };
  const configs: [string, LlamaConfig][] = [
    ['plain', one],
    ['linear', { ...one, rope_scaling: { type: 'linear', factor: 4 } }],
    ['dynamic', { ...one, max_position_embeddings: 8, rope_scaling: { type: 'dynamic', factor: 2 } }],
    ['yarn', { ...one, max_position_embeddings: 256, rope_scaling: { type: 'yarn', factor: 4, original_max_position_embeddings: 64 } }],
    ['window', { ...one, model_type: 'mistral', sliding_window: 4 }],
    ['window', { ...one, model_type: 'qwen2', sliding_window: 4, use_sliding_window: true, max_window_layers: 0 }],
  ];
  /** Qwen2 has biases, which the recorded model has not. */
  const weightsOf = (model: Module) => {
    const zeros = [...namedParameters(model)].map(([name, { dims }]): [string, TensorLike<'float32'>] => {
      const sizes = dims as readonly number[];
      return [name, { type: 'float32', dims: sizes, data: new Float32Array(sizes.reduce((a, b) => a * b, 1)) }];
    });
    return new Map([...zeros, ...golden.weights]);
  };

  test.each(configs)("transformers' logits: %s", async (name, config) => {
    const model = llama(config);
    const { float64, onnx } = await runBoth(backend, model, { logits: model(ops.constant(golden.tensor('ids'))) }, weightsOf(model));
    const expected = golden.tensor(`${name}.logits`).data as Float32Array;
    for (const { logits } of [float64, onnx]) expectClose(logits!, expected, 1e-5);
  });

  test.each(configs.filter(([name]) => name !== 'dynamic'))('the same logits with a cache: %s', async (name, config) => {
    const model = llama(config);
    const own = {
      ...golden,
      weights: weightsOf(model),
      tensor: (file: string) => golden.tensor(file === 'logits' ? `${name}.logits` : file),
    };
    await expectCachedSame(backend, model, own);
  });

  test("'dynamic' with a cache keeps what it read, as transformers; each row of a batch has its own base", async () => {
    const [, config] = configs.find(([name]) => name === 'dynamic')!;
    const model = llama(config);
    expect(model.shape.contextLength).toBe(16);
    const cached = await cachedModel(model, { backend, weights: golden.weights });
    const ids = golden.ids('ids');
    const expected = golden.tensor('dynamic.steps').data as Float32Array;
    let { logits, state } = await cached.prefill([ids.slice(0, 5), ids.slice(0, 3)]);
    for (let at = 5; at < 11; at++) {
      expectClose(logits[0]!, expected.subarray((at - 1) * 20, at * 20), 1e-5);
      expectClose(logits[1]!, expected.subarray((at - 3) * 20, (at - 2) * 20), 1e-5);
      ({ logits, state } = await cached.step(state, [ids[at]!, ids[at - 2]!]));
    }
    cached.release(state);
    await cached.dispose();
  });
});

test('a window, a factor and the first length say how far a model reaches', () => {
  const reach = (rest: Partial<LlamaConfig>) => llama({ ...llamaGolden, ...rest }).shape.contextLength;
  expect(reach({})).toBe(32);
  expect(reach({ rope_scaling: { rope_type: 'linear', factor: 4 } })).toBe(128);
  expect(reach({ rope_scaling: { rope_type: 'yarn', factor: 4, original_max_position_embeddings: 8 } })).toBe(32);
  expect(reach({ rope_parameters: { rope_type: 'default', rope_theta: 500_000 }, sliding_window: null })).toBe(32);
  expect(reach({ sliding_window: 32 })).toBe(32);
});

test.each<[string, object, string]>([
  ['another model', { model_type: 'gemma' }, 'model_type is "gemma"'],
  ['rotary positions of a part of a head', { partial_rotary_factor: 0.5 }, 'partial_rotary_factor is 0.5'],
  ['an unknown kind of scaling', { rope_scaling: { type: 'longrope', factor: 4 } }, 'type is "longrope"'],
  ['the same in a newer file', { rope_parameters: { rope_type: 'default', partial_rotary_factor: 0.5 } }, 'partial_rotary_factor is 0.5'],
  ['a base below 0', { rope_theta: -1 }, 'rope_theta is -1'],
  [
    'frequencies in the wrong order',
    { rope_scaling: { type: 'llama3', factor: 2, low_freq_factor: 4, high_freq_factor: 1, original_max_position_embeddings: 8 } },
    'high_freq_factor is 1',
  ],
  ['a kind that is not named', { rope_scaling: { factor: 4 } }, 'type is undefined'],
  ['a factor below 1', { rope_scaling: { type: 'dynamic', factor: 0.5 } }, 'factor of the rope_scaling is 0.5'],
  ['no factor', { rope_scaling: { rope_type: 'llama3', factor: null } }, 'factor of the rope_scaling is null'],
  ['a text for a number', { rope_scaling: { type: 'yarn', factor: 2, beta_fast: '32' } }, 'beta_fast of the rope_scaling is "32"'],
  ['a window of a model without', { sliding_window: 8 }, 'sliding_window is 8'],
  ['keys that are not shared evenly', { num_key_value_heads: 3 }, '4 heads of queries'],
  ['heads of an odd width', { head_dim: 5 }, 'heads are 5 wide'],
  ['an activation of no name', { hidden_act: 'foo' }, 'no activation "foo"'],
  ['a field that is missing', { intermediate_size: undefined }, 'intermediate_size is missing'],
])('%s is refused by name', (_, rest, message) => {
  expect(() => llama({ ...llamaGolden, ...rest })).toThrow(
    expect.objectContaining({ code: 'NN_CONFIG', message: expect.stringContaining(message) }),
  );
});
