import { afterAll, describe, expect, test } from '@jest/globals';
import { type Expr, gradients, onnxBackend, ops } from '@polymodal/autograd';
import * as ort from 'onnxruntime-node';
import { countingBackend } from '../../test/counting-backend.js';
import { expectCachedSame, expectOriginal } from '../../test/decoder-checks.js';
import { expectClose } from '../../test/goldens.js';
import { expectBlock, modelGolden, runBoth } from '../../test/model-goldens.js';
import { conditionalModel } from '../generation/conditional-model.js';
import { generateBatch } from '../generation/generate.js';
import { initialize } from '../initialize.js';
import { linear } from '../layers.js';
import { namedParameters } from '../module.js';
import { transformerDecoder, transformerEncoder, transformerEncoderDecoder } from './transformer-stacks.js';

const { backend, live } = countingBackend(onnxBackend(ort, { threads: 1 }));
afterAll(() => backend.dispose());

const sizes = { width: 8, heads: 2, layers: 2, hidden: 12 };
const texts = { ...sizes, vocabulary: 20, context: 16 };

describe.each([
  ['norm last, ReLU', 'last', {}],
  ['norm first, GELU', 'first', { normFirst: true, activation: 'gelu' }],
] as const)('%s', (_, which, form) => {
  test("transformerEncoder gives nn.TransformerEncoder's output and gradients, with padding and a causal mask", async () => {
    const golden = modelGolden(`transformer-encoder-${which}`);
    const encoder = transformerEncoder({ ...sizes, ...form, finalNorm: which === 'first' });
    const x = ops.constant(golden.tensor('x'));
    const seen = ops.equal(ops.reshape(ops.constant(golden.tensor('padding')), [2, 1, 1, 5]), 0);
    await expectBlock(backend, encoder, encoder(x, ops.and(seen, ops.causalMask(5))), golden, 1e-5);
    const { float64, onnx } = await runBoth(backend, encoder, { y: encoder(x, seen) }, golden.weights);
    for (const { y } of [float64, onnx]) expectClose(y!, golden.tensor('padded').data as Float32Array, 1e-5);
  });

  test("transformerDecoder gives nn.TransformerEncoder's logits, loss and gradients behind a causal mask, and the same with a cache", async () => {
    const golden = modelGolden(`transformer-decoder-${which}`);
    const decoder = transformerDecoder({ ...texts, ...form });
    await expectOriginal(backend, decoder, golden);
    await expectCachedSame(backend, decoder, golden);
    expect(live()).toEqual({ tensors: 0, programs: 0 });
  });

  test("transformerEncoderDecoder gives nn.Transformer's hidden values, logits, loss and gradients, with a padded source", async () => {
    const golden = modelGolden(`transformer-${which}`);
    const model = transformerEncoderDecoder({ ...texts, ...form });
    const [source, mask, ids] = ['source', 'source_mask', 'ids'].map((name) => ops.constant(golden.tensor(name))) as [Expr, Expr, Expr];
    const logits = model(source, mask, ids); // [2, 9, 20]
    const loss = ops.crossEntropy(ops.reshape(ops.slice(logits, 1, 0, 8), [16, 20]), ops.reshape(ops.slice(ids, 1, 1, 9), [16]));
    const parameters = namedParameters(model);
    expect([...parameters.keys()].sort()).toEqual([...golden.weights.keys()].sort());
    const slopes = gradients(loss, [...parameters.values()]);
    const outputs = Object.fromEntries([...parameters.keys()].map((name, i) => [`gradient of ${name}`, slopes[i]!]));
    const { float64, onnx } = await runBoth(
      backend,
      model,
      { hidden: model.encode(source, mask), logits, loss, ...outputs },
      golden.weights,
    );
    for (const results of [float64, onnx]) {
      for (const name of ['hidden', 'logits', 'loss']) expectClose(results[name]!, golden.tensor(name).data as Float32Array, 1e-5);
      for (const [name, { data }] of golden.gradients) expectClose(results[`gradient of ${name}`]!, data, 1e-5);
    }
  });

  test('with a cache, its logits are those of the whole sequence, for prompts of unequal length', async () => {
    const golden = modelGolden(`transformer-${which}`);
    const conditional = await conditionalModel(transformerEncoderDecoder({ ...texts, ...form }), { backend, weights: golden.weights });
    const read = await conditional.read({ source: golden.tensor('source'), source_mask: golden.tensor('source_mask') });
    const [ids, whole] = [golden.ids('ids'), golden.tensor('logits').data as Float32Array];
    let { logits, state } = await read.prefill([ids.slice(0, 4), ids.slice(9, 11)]);
    for (let at = 0; at < 5; at++) {
      expectClose(logits[0]!, whole.subarray((3 + at) * 20, (4 + at) * 20), 1e-5);
      expectClose(logits[1]!, whole.subarray((9 + 1 + at) * 20, (9 + 2 + at) * 20), 1e-5);
      ({ logits, state } = await read.step(state, [ids[4 + at]!, ids[11 + at]!]));
    }
    read.release(state);
    await read.dispose();
    await conditional.dispose();
    expect(live()).toEqual({ tensors: 0, programs: 0 });
  });
});

test('the encoder may read vectors; the output may have a table of its own', async () => {
  const embed = linear(3, 8);
  const model = transformerEncoderDecoder({ ...texts, encoderLayers: 1, tied: false, source: { dims: [3], embed } });
  const names = [...namedParameters(model).keys()];
  expect(names).toEqual(expect.arrayContaining(['source.weight', 'output.weight', 'decoder.layers.1.norm3.bias']));
  expect(names).not.toContain('encoder.layers.1.norm1.weight');
  const conditional = await conditionalModel(model, { backend, weights: initialize(model, 1) });
  const heard = await conditional.read({
    source: { type: 'float32', dims: [1, 5, 3], data: new Float32Array(15).fill(0.5) },
    source_mask: { type: 'int64', dims: [1, 5], data: BigInt64Array.of(1n, 1n, 1n, 1n, 0n) },
  });
  const [written] = await generateBatch(heard, [[1, 2]], { maxTokens: 4 });
  expect(written!.ids).toHaveLength(4);
  await heard.dispose();
  await conditional.dispose();
});

test('a width that does not divide into the heads is refused', () => {
  expect(() => transformerEncoder({ ...sizes, heads: 3 })).toThrow(expect.objectContaining({ code: 'NN_HEADS' }));
});
