import { afterAll, describe, expect, test } from '@jest/globals';
import { type Backend, createRandom, type Expr, onnxBackend, ops } from '@polymodal/autograd';
import * as ort from 'onnxruntime-node';
import { countingBackend } from '../test/counting-backend.js';
import { expectClose } from '../test/goldens.js';
import { bitsOf, float32 } from '../test/problems.js';
import { batchNorm } from './batch-norm.js';
import { dropout } from './dropout.js';
import { constantValue, initialize } from './initialize.js';
import { gelu, linear, sequential } from './layers.js';
import { layer } from './module.js';
import { adamW, sgd } from './optimizer.js';
import { type Batch, type BatchExpr, compileTrainingStep, type TrainingStepOptions } from './training-step.js';

const backend = onnxBackend(ort, { threads: 1 });
afterAll(() => backend.dispose());

const rows = 12;
const images = sequential(linear(6, 16), gelu(), linear(16, 8));
const texts = sequential(linear(5, 16), gelu(), linear(16, 8));
const scale = ops.parameter([1], constantValue(1));
const model = layer({ images, texts, scale }, images);

/** The symmetric loss of CLIP, where rows with one group are right answers of each other. */
function contrastive(image: Expr, text: Expr, groups: Expr): Expr {
  const logits = ops.mul(ops.matmul(ops.l2Normalize(image), ops.l2Normalize(text), { transposeB: true }), ops.exp(scale)); // [rows, rows]
  const same = ops.cast(ops.equal(ops.expandDims(groups, 1), ops.expandDims(groups, 0)), 'float32');
  const right = ops.div(same, ops.sum(same, -1, true));
  const one = (scores: Expr) => ops.neg(ops.mean(ops.sum(ops.mul(right, ops.logSoftmax(scores)), -1)));
  return ops.mul(ops.add(one(logits), one(ops.transpose(logits))), 0.5);
}

function batchOf(step: number, factor = 1): Batch {
  const random = createRandom(4).fork(step);
  const draw = (width: number) =>
    float32(
      [rows, width],
      Array.from({ length: rows * width }, () => factor * random.normal()),
    );
  const groups = BigInt64Array.from({ length: rows }, () => BigInt(random.integer(9)));
  return { pixels: draw(6), words: draw(5), groups: { type: 'int64', dims: [rows], data: groups } };
}

const compile = (microBatches: number, more: Partial<TrainingStepOptions> = {}) =>
  compileTrainingStep(model, {
    backend,
    batch: batchOf(0),
    encode: ({ pixels, words }) => ({ image: images(pixels!), text: texts(words!) }),
    loss({ image, text, groups }) {
      return { loss: contrastive(image!, text!, groups!), metrics: { size: ops.mean(ops.mul(image!, image!)) } };
    },
    optimizer: adamW({ learningRate: 0.02, epsilon: 1e-4 }),
    weights: initialize(model, 5),
    clipNorm: 0.5,
    averageDecay: 0.9,
    microBatches,
    ...more,
  });

const plain = ({ pixels, words, groups }: BatchExpr) => contrastive(images(pixels!), texts(words!), groups!);

describe('with an encoder, micro-batches take the steps of the whole batch', () => {
  test.each([1, 2, 4, 12])('with a contrastive loss: %i parts', async (parts) => {
    const [whole, cached] = [await compile(1, { encode: (batch) => ({ unused: batch.pixels! }), loss: plain }), await compile(parts)];
    for (let i = 0; i < 6; i++) {
      const [one, other] = [await whole.run(batchOf(i), i, 6), await cached.run(batchOf(i), i, 6)];
      expect(Object.keys(other).sort()).toEqual(['gradientNorm', 'loss', 'size']);
      for (const name of Object.keys(one)) expectClose([other[name]!], [one[name]!], 1e-5);
    }
    const [wanted, given] = [await whole.state(), await cached.state()];
    expect([...given.keys()]).toEqual([...wanted.keys()]);
    expect(given.get('scale')!.data).not.toEqual(initialize(model, 5).get('scale')!.data);
    for (const [name, { data }] of wanted) expectClose(given.get(name)!.data, data, 1e-5);
    expectClose([(await cached.evaluator().run(batchOf(7))).loss!], [(await whole.evaluator().run(batchOf(7))).loss!], 1e-5);
    expect(await cached.evaluator(plain).run(batchOf(7))).toEqual({ loss: expect.any(Number) });
    await whole.release();
    await cached.release();
  });

  test('where part of the model is frozen, and bit for bit after a restored state', async () => {
    const trainable = (name: string) => name.startsWith('texts.2') || name === 'scale';
    const [whole, cached] = [await compile(1, { trainable }), await compile(3, { trainable })];
    for (const step of [whole, cached]) for (let i = 0; i < 3; i++) await step.run(batchOf(i), i, 6);
    for (const [name, { data }] of await whole.weights()) expectClose((await cached.weights()).get(name)!.data, data, 1e-5);
    const state = await cached.state();
    await cached.run(batchOf(3), 3, 6);
    const other = await compile(3, { trainable });
    await other.restore(state);
    await other.run(batchOf(3), 3, 6);
    expect(bitsOf(await other.state())).toEqual(bitsOf(await cached.state()));
    for (const step of [whole, cached, other]) await step.release();
  });
});

test('both passes drop the same elements, each part others', async () => {
  const width = 512;
  const gain = ops.parameter([width], constantValue(1));
  const drop = dropout(0.5);
  // A row for each half of the gains: what each part drops shows in its half.
  const x = float32(
    [2, width],
    Array.from({ length: 2 * width }, (_, i) => Number(i < width / 2 || i >= 1.5 * width)),
  );
  const step = await compileTrainingStep(layer({ gain }, drop), {
    backend,
    batch: { x },
    encode: ({ x }) => ({ dropped: drop(ops.mul(x!, gain)) }),
    loss: ({ dropped }) => ops.sum(ops.mul(dropped!, dropped!)),
    optimizer: sgd({ learningRate: 1 }),
    weights: new Map([['gain', float32([width], new Float32Array(width).fill(1))]]),
    microBatches: 2,
  });
  const { loss } = await step.run({ x }, 0, 1);
  const moved = (await step.weights()).get('gain')!.data.map((value) => 1 - value);
  await step.release();
  // What was kept was doubled: 4 in the loss, and 8 in the gradient if both passes kept it, else 0.
  expect(new Set(moved)).toEqual(new Set([0, 8]));
  expect(moved.filter((value) => value === 8).length).toBe(loss! / 4);
  const half = width / 2;
  expect(moved.slice(0, half)).not.toEqual(moved.slice(half));
});

test('running statistics move once for every part in the encoder, once for the batch in the loss', async () => {
  const [inner, outer] = [batchNorm(1, { momentum: 0.5 }), batchNorm(1, { momentum: 0.5 })];
  const norms = layer({ inner, outer }, inner);
  const x = float32([4, 1], [1, 3, 10, 30]);
  const step = await compileTrainingStep(norms, {
    backend,
    batch: { x },
    encode: ({ x }) => ({ normal: inner(x!) }),
    loss: ({ x, normal }) => ops.sum(ops.mul(outer(x!), normal!)),
    optimizer: sgd({ learningRate: 0.1 }),
    weights: initialize(norms, 0),
    averageDecay: 0,
    microBatches: 2,
  });
  await step.run({ x }, 0, 1);
  const weights = await step.weights();
  await step.release();
  expect(weights.get('inner.running_mean')!.data[0]).toBe(0.5 * (0.5 * 2) + 0.5 * 20);
  expect(weights.get('outer.running_mean')!.data[0]).toBe(5.5);
  expect(weights.get('outer.weight')!.data[0]).not.toBe(1);
});

describe('gradient caching', () => {
  test('names what is not finite: a tensor of the batch, an operator of the loss, a gradient in the encoder', async () => {
    const named = async (more: Partial<TrainingStepOptions>, factor = 1) => {
      const step = await compile(3, more);
      await step.run(batchOf(0, factor), 0, 1);
      const found = await step.firstNotFinite(batchOf(0, factor));
      await step.release();
      return found;
    };
    expect(await named({})).toBeUndefined();
    expect(await named({}, Number.NaN)).toBe("tensor 'pixels' of the batch");
    expect(await named({ loss: ({ image }) => ops.mean(ops.log(ops.mul(ops.abs(image!), 0))) })).toBe(
      "the output [12, 8] of operator 'log'",
    );
    const root = ({ pixels, words }: BatchExpr) => ({ image: ops.sqrt(ops.mul(images(pixels!), 0)), text: texts(words!) });
    expect(await named({ encode: root, loss: ({ image }) => ops.mean(image!) })).toMatch(/^the gradient of 'images\.0\.weight'/);
  });

  test('holds the embeddings of all parts and their gradients, and gives all back', async () => {
    const counted = countingBackend(backend);
    const step = await compile(4, { backend: counted.backend });
    const leaves = 9;
    // State and sums; embeddings and gradients of two names in four parts; the scale's own gradient. Each twice, as what is read and what is written.
    const held = { tensors: 2 * (4 * leaves + leaves + 2 * 2 * 4 + 1), programs: 4 };
    expect(counted.live()).toEqual(held);
    for (let i = 0; i < 3; i++) await step.run(batchOf(i), i, 3);
    expect(counted.live()).toEqual(held);
    await step.release();
    expect(counted.live()).toEqual({ tensors: 0, programs: 0 });
  });

  test('a program that does not compile takes no other with it', async () => {
    const counted = countingBackend(backend);
    let compiled = 0;
    const failing: Backend = {
      ...counted.backend,
      compile: (bytes) => (compiled++ === 2 ? Promise.reject(new Error('the third')) : counted.backend.compile(bytes)),
    };
    await expect(compile(4, { backend: failing })).rejects.toThrow('the third');
    expect(counted.live()).toEqual({ tensors: 0, programs: 0 });
  });

  test.each([
    ['nothing', () => ({}), "'encode' gives nothing"],
    ['a name of the batch', ({ pixels }: BatchExpr) => ({ pixels: pixels! }), "'encode' gives 'pixels', which the batch has"],
    ['other rows', ({ pixels }: BatchExpr) => ({ sum: ops.sum(pixels!, 0) }), "'encode' gives 'sum' as float32 [6], for 12 rows"],
    ['no rows', ({ pixels }: BatchExpr) => ({ sum: ops.sum(pixels!) }), "'encode' gives 'sum' as float32 [], for 12 rows"],
    ['integers', ({ groups }: BatchExpr) => ({ ids: ops.add(groups!, groups!) }), "'encode' gives 'ids' as int64 [12], for 12 rows"],
    ['a mean that is as wide as a part', ({ pixels }: BatchExpr) => ({ mean: ops.slice(ops.mean(pixels!, 0), 0, 0, 3) }), 'for 12 rows'],
    ['an expression', ({ pixels }: BatchExpr) => images(pixels!), "'encode' gives an expression"],
    ['null', () => null, "'encode' gives null"],
    ['a Promise', async () => ({}), "'encode' gives a Promise"],
    ['no expression', () => ({ image: 3 }), "'encode' gives 'image' as 3, not an expression"],
  ])('refuses an encoder that gives %s', async (_, encode, message) => {
    const refused = { code: 'TRAIN_OPTIONS', message: expect.stringContaining(message) };
    await expect(compile(4, { encode: encode as never })).rejects.toMatchObject(refused);
  });

  test('refuses an encoder that is no function', async () => {
    await expect(compile(4, { encode: images.tree as never })).rejects.toMatchObject({ code: 'TRAIN_OPTIONS' });
    await expect(compile(1, { encode: null as never })).rejects.toMatchObject({ message: expect.stringContaining("'encode' is null") });
  });
});
