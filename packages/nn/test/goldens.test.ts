import { afterAll, describe, expect, test } from '@jest/globals';
import { type Expr, emitOnnx, evaluate, gradients, onnxBackend, ops, type Reference } from '@polymodal/autograd';
import * as ort from 'onnxruntime-node';
import {
  type Layer,
  layer,
  layerNorm,
  maskScores,
  multiHeadAttention,
  namedParameters,
  splitHeads,
  transformerBlock,
} from '../src/index.js';
import { expectClose, type Float32Tensor, golden } from './goldens.js';

const backend = onnxBackend(ort, { threads: 1 });
afterAll(() => backend.dispose());

/** float32 with another order of summation: an order of magnitude tighter than the references' own advice of 1e-4. */
const tolerance = 1e-5;

type Values = Readonly<Record<string, Float32Tensor>>;

/** Evaluates outputs with named weights, in float64 and on ONNX Runtime. */
async function both(
  model: Layer<never[], unknown>,
  outputs: Readonly<Record<string, Expr>>,
  weights: Values,
  inputs: Values = {},
): Promise<{ readonly float64: Record<string, Reference['data']>; readonly onnx: Record<string, Float32Array> }> {
  const names = namedParameters(model);
  expect(Object.keys(weights).sort()).toEqual([...names.keys()].sort());
  const parameters = new Map([...names].map(([name, node]) => [node as Expr, weights[name]!]));
  const values = evaluate(Object.values(outputs), { inputs, parameters });
  const program = await backend.compile(
    emitOnnx({ outputs, parameters: new Map([...names].map(([name, node]) => [node, name])), weights: new Map(Object.entries(weights)) }),
  );
  const results = await program.run(inputs);
  const onnx: Record<string, Float32Array> = {};
  for (const [name, tensor] of Object.entries(results)) onnx[name] = (await tensor.read()) as Float32Array;
  await program.release();
  return { float64: Object.fromEntries(Object.keys(outputs).map((name, i) => [name, values[i]!.data])), onnx };
}

/** Rows start … end of a tensor. */
function rows({ type, dims, data }: Float32Tensor, start: number, end: number): Float32Tensor {
  const width = data.length / dims[0]!;
  return { type, dims: [end - start, ...dims.slice(1)], data: data.slice(start * width, end * width) };
}

function expectAll(results: Awaited<ReturnType<typeof both>>, expected: Readonly<Record<string, Float32Tensor>>): void {
  for (const [name, tensor] of Object.entries(expected)) {
    expectClose(results.float64[name]!, tensor.data, tolerance);
    expectClose(results.onnx[name]!, tensor.data, tolerance);
  }
}

describe('against PyTorch', () => {
  test('layerNorm', async () => {
    const stored = golden('layer-norm');
    const norm = layerNorm(9);
    const fill = (value: number): Float32Tensor => ({ type: 'float32', dims: [9], data: new Float32Array(9).fill(value) });
    const results = await both(norm, { y: norm(ops.constant(stored('x'))) }, { weight: fill(1), bias: fill(0) });
    expectAll(results, { y: stored('layer_norm_eps1e5') });
  });

  test('multiHeadAttention: across with masked keys, its weights, and causal within', async () => {
    const stored = golden('attention');
    const [width, heads] = [12, 3];
    const attention = multiHeadAttention(width, heads);
    const [weight, bias] = [stored('in_proj_weight'), stored('in_proj_bias')];
    const weights: Record<string, Float32Tensor> = {
      'output.weight': stored('out_proj.weight'),
      'output.bias': stored('out_proj.bias'),
    };
    ['query', 'key', 'value'].forEach((part, i) => {
      weights[`${part}.weight`] = rows(weight, i * width, (i + 1) * width);
      weights[`${part}.bias`] = rows(bias, i * width, (i + 1) * width);
    });
    const [queries, keys] = [ops.constant(stored('q')), ops.constant(stored('kv'))];
    const padding = ops.equal(ops.reshape(ops.constant(stored('key_padding_mask')), [2, 1, 1, 7]), 0);
    const project = (part: 'query' | 'key', x: Expr) =>
      splitHeads(ops.linear(x, ops.constant(weights[`${part}.weight`]!), ops.constant(weights[`${part}.bias`]!)), heads);
    // Attention to the identity gives the weights themselves.
    const identity = Float32Array.from({ length: 7 * 7 }, (_, i) => (i % 8 === 0 ? 1 : 0));
    const unit = ops.constant({ type: 'float32', dims: [1, 1, 7, 7], data: identity });
    const results = await both(
      attention,
      {
        cross: attention(queries, keys, padding),
        weights: ops.attention(project('query', queries), project('key', keys), unit, { bias: maskScores(padding) }),
        causal: attention(queries, queries, ops.causalMask(5)),
      },
      weights,
    );
    expectAll(results, { cross: stored('cross_out'), weights: stored('cross_weights'), causal: stored('causal_self_out') });
    const masked = results.onnx.weights!.filter((_, i) => i >= 3 * 5 * 7 && i % 7 >= 5);
    expect(masked).toHaveLength(30);
    expect(new Set(masked)).toEqual(new Set([0]));
  });

  test('transformerBlock: outputs, the gradient of its input and those of all weights', async () => {
    const stored = golden('vit-block');
    const block = transformerBlock({ width: 32, heads: 4, hidden: 64, epsilon: 1e-6 });
    const theirs: Record<string, string> = {
      'attentionNorm.weight': 'ln_1.weight',
      'attentionNorm.bias': 'ln_1.bias',
      'attention.qkv.weight': 'self_attention.in_proj_weight',
      'attention.qkv.bias': 'self_attention.in_proj_bias',
      'attention.output.weight': 'self_attention.out_proj.weight',
      'attention.output.bias': 'self_attention.out_proj.bias',
      'mlpNorm.weight': 'ln_2.weight',
      'mlpNorm.bias': 'ln_2.bias',
      'up.weight': 'mlp.0.weight',
      'up.bias': 'mlp.0.bias',
      'down.weight': 'mlp.3.weight',
      'down.bias': 'mlp.3.bias',
    };
    const x = ops.input('x', 'float32', [2, 5, 32]);
    const out = block(x);
    const loss = ops.sum(ops.mul(out, ops.constant(stored('w'))));
    const parameters = [...namedParameters(block)];
    const [gradX, ...gradWeights] = gradients(loss, [x, ...parameters.map(([, node]) => node)]);
    const named = Object.fromEntries(parameters.map(([name], i) => [`gradient of ${name}`, gradWeights[i]!]));
    const results = await both(
      layer(block.tree, block),
      { out, gradX: gradX!, ...named },
      Object.fromEntries(parameters.map(([name]) => [name, stored(`weights.${theirs[name]}`)])),
      { x: stored('x') },
    );
    expectAll(results, {
      out: stored('out'),
      gradX: stored('grad_x'),
      ...Object.fromEntries(parameters.map(([name]) => [`gradient of ${name}`, stored(`gradients.${theirs[name]}`)])),
    });
  });
});
