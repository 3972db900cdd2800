import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from '@jest/globals';
import { onnxBackend, ops } from '@polymodal/autograd';
import type { TensorLike } from '@polymodal/modality-registry';
import * as ort from 'onnxruntime-node';
import { expectClose } from '../test/goldens.js';
import { bitsOf, float32 } from '../test/problems.js';
import { batchNorm } from './batch-norm.js';
import { convolution } from './convolution.js';
import { exportOnnx } from './export-onnx.js';
import { initialize } from './initialize.js';
import { linear, relu, sequential } from './layers.js';
import { loadWeights } from './load-weights.js';
import { layer, namedParameters, parameterCount } from './module.js';
import { adamW, sgd } from './optimizer.js';
import { freeze, summary } from './summary.js';
import { inference, rematerialize } from './training-scope.js';
import { compileTrainingStep, type TrainingStepOptions } from './training-step.js';

const backend = onnxBackend(ort, { threads: 1 });
afterAll(() => backend.dispose());

interface Run {
  readonly losses: readonly number[];
  readonly state: Readonly<Record<string, readonly number[]>>;
  /** In evaluation mode. */
  readonly output: readonly number[];
}
type Recorded = Readonly<Record<'whole' | 'parts' | 'frozen', Run>>;
const recorded = JSON.parse(readFileSync(new URL('goldens/batch-norm.json', import.meta.url), 'utf8')) as Recorded;

const { sin } = Math;
/** The numbers that the recorded runs start from and are fed. */
const wave = (dims: readonly number[], start: number, scale = 1, shift = 0) =>
  float32(
    dims,
    Array.from({ length: dims.reduce((n, dim) => n * dim, 1) }, (_, i) => scale * sin(0.7 * i + start) + shift),
  );

const conv1 = convolution(2, 3, { kernel: [3, 3], padding: 1 });
const norm1 = batchNorm(3);
const conv2 = convolution(3, 4, { kernel: [3, 3], stride: 2 });
const norm2 = batchNorm(4, { epsilon: 1e-3, momentum: 0.3 });
const head = linear(4, 2);
const norm3 = batchNorm(2);
const body = sequential(conv1, norm1, relu(), conv2, norm2, relu());
const model = layer({ conv1, norm1, conv2, norm2, head, norm3 }, (x: Parameters<typeof body>[0]) => norm3(head(ops.mean(body(x), [2, 3]))));

const learned = [...namedParameters(model).keys()].filter((name) => !name.includes('running'));
const start = new Map(
  [...initialize(model, 0)].map(([name, tensor]) => {
    const place = learned.indexOf(name);
    return [name, place < 0 ? tensor : wave(tensor.dims, place, 0.4, /norm.*weight/.test(name) ? 1 : 0)];
  }),
);
const batchOf = (step: number) => ({ x: wave([6, 2, 5, 5], step), y: wave([6, 2], step + 0.5) });

const compile = (more: Partial<TrainingStepOptions> = {}) =>
  compileTrainingStep(model, {
    backend,
    batch: batchOf(0),
    loss: ({ x, y }) => ops.meanSquaredError(model(x!), y!),
    optimizer: sgd({ learningRate: 0.1, momentum: 0.9 }),
    weights: start,
    ...more,
  });

describe('five steps and their running statistics are those of PyTorch', () => {
  test.each([
    ['whole', {}],
    ['parts', { microBatches: 2 }],
    ['frozen', { trainable: (name: string) => !/^(conv1|norm1)/.test(name) }],
  ] as const)('%s', async (kind, options) => {
    const { losses, state, output } = recorded[kind];
    const step = await compile(options);
    for (const [i, loss] of losses.entries()) expectClose([(await step.run(batchOf(i), i, 5)).loss!], [loss], 1e-5);
    const weights = await step.weights();
    expect([...weights.keys()]).toEqual(Object.keys(state).filter((name) => !name.includes('num_batches')));
    for (const [name, { data }] of weights) expectClose(data, state[name]!, 1e-5);

    const x = wave([6, 2, 5, 5], 9);
    const asked = step.evaluator(({ x }) => ({ loss: ops.mean(model(x!)), metrics: { last: ops.sum(ops.slice(model(x!), 0, 5, 6)) } }));
    expectClose([(await asked.run({ x })).last!], [output[10]! + output[11]!], 1e-5);
    await step.release();

    const session = await ort.InferenceSession.create(
      exportOnnx(model, { weights, inputs: { x: { type: 'float32', dims: ['batch', 2, 5, 5] } }, forward: ({ x }) => model(x!) }),
    );
    const results = await session.run({ x: new ort.Tensor('float32', x.data, [6, 2, 5, 5]) });
    expectClose(results.output!.data as Float32Array, output, 1e-5);
  });
});

describe('running statistics', () => {
  test.each([1, 2])('are part of state, averages and restored runs; micro-batches: %i', async (microBatches) => {
    const options = { optimizer: adamW({ learningRate: 0.01 }), averageDecay: 0.9, microBatches };
    const whole = await compile(options);
    for (let i = 0; i < 2; i++) await whole.run(batchOf(i), i, 4);
    const state = await whole.state();
    const [own, average] = [state.get('norm1.running_mean')!, state.get('average/norm1.running_mean')!];
    expect(average.data).not.toEqual(own.data);
    expect((await whole.weights()).get('norm1.running_mean')).toEqual(average);
    for (let i = 2; i < 4; i++) await whole.run(batchOf(i), i, 4);
    const other = await compile(options);
    await other.restore(state);
    for (let i = 2; i < 4; i++) await other.run(batchOf(i), i, 4);
    expect(bitsOf(await other.state())).toEqual(bitsOf(await whole.state()));
    await whole.release();
    await other.release();
  });

  test('stay where a frozen tower is built as for inference', async () => {
    const tail = layer({ body, head }, head);
    const step = await compileTrainingStep(tail, {
      backend,
      batch: batchOf(0),
      loss: ({ x, y }) =>
        ops.meanSquaredError(
          head(
            ops.mean(
              inference(() => body(x!)),
              [2, 3],
            ),
          ),
          y!,
        ),
      optimizer: sgd({ learningRate: 0.1 }),
      weights: initialize(tail, 3),
      trainable: freeze('body'),
    });
    const before = await step.weights();
    const { loss } = await step.run(batchOf(0), 0, 2);
    expect(await step.evaluator().run(batchOf(0))).not.toEqual({ loss });
    const after = await step.weights();
    for (const name of before.keys())
      expect([name, after.get(name)!.data === before.get(name)!.data]).toEqual([name, name.startsWith('body')]);
    expect([...(await step.state()).keys()]).toEqual(['head.weight', 'head.bias']);
    await step.release();
  });

  test('move once where a layer is computed again, twice where it is used twice', async () => {
    const norm = batchNorm(2, { momentum: 0.5 });
    const moved = async (loss: TrainingStepOptions['loss']) => {
      const x = float32([2, 2], [1, 10, 3, 30]); // means 2 and 20
      const step = await compileTrainingStep(norm, {
        backend,
        batch: { x },
        loss,
        optimizer: sgd({ learningRate: 0 }),
        weights: initialize(norm, 0),
      });
      await step.run({ x }, 0, 1);
      const weights = await step.weights();
      await step.release();
      return [...weights.get('running_mean')!.data];
    };
    expect(await moved(({ x }) => ops.sum(norm(x!)))).toEqual([1, 10]);
    expect(await moved(({ x }) => ops.sum(rematerialize(norm, x!)))).toEqual([1, 10]);
    expect(await moved(({ x }) => ops.sum(ops.add(norm(x!), norm(x!))))).toEqual([1.5, 15]);
  });

  test('are not measured on one value per channel, nor by numbers that cannot be meant', async () => {
    const norm = batchNorm(2);
    const train = (rows: number, microBatches: number) =>
      compileTrainingStep(norm, {
        backend,
        batch: { x: wave([rows, 2], 0) },
        encode: ({ x }) => ({ normal: norm(x!) }),
        loss: ({ normal }) => ops.sum(normal!),
        optimizer: sgd({ learningRate: 0 }),
        weights: initialize(norm, 0),
        microBatches,
      });
    for (const [rows, parts] of [
      [1, 1],
      [4, 4],
    ] as const)
      await expect(train(rows, parts)).rejects.toMatchObject({
        code: 'AUTOGRAD_SHAPE',
        message: expect.stringContaining('[1, 2] has 1 values per channel'),
      });
    await (await train(4, 2)).release();
    expect(norm(ops.input('x', 'float32', [1, 2])).dims).toEqual([1, 2]);
    for (const options of [{ momentum: Number.NaN }, { momentum: 2 }, { momentum: -0.1 }, { epsilon: -1 }, { epsilon: Number.NaN }])
      expect(() => batchNorm(2, options)).toThrow(expect.objectContaining({ code: 'NN_CONFIG' }));
  });

  test('do not count as parameters, and are called buffers in the summary', () => {
    expect(parameterCount(sequential(linear(3, 2), batchNorm(2)))).toBe(12);
    const table = summary(sequential(linear(3, 2), batchNorm(2)), { trainable: freeze('0') });
    expect(table).toMatch(/^1\.running_var +\[2\] +2 {2}buffer$/m);
    expect(table).toMatch(/12 parameters: 4 trainable, 8 frozen/);
  });

  test("PyTorch's count of batches is no unexpected tensor where a batch norm stands, and is one elsewhere", () => {
    const count = { type: 'int64', dims: [], data: BigInt64Array.of(5n) } as const;
    const norm = batchNorm(2);
    const tensors = initialize(norm, 0);
    expect([...loadWeights(norm, new Map<string, TensorLike>([...tensors, ['num_batches_tracked', count]])).weights.keys()]).toEqual([
      ...tensors.keys(),
    ]);
    const nested = new Map<string, TensorLike>([...initialize(model, 0), ['norm2.num_batches_tracked', count]]);
    expect(loadWeights(model, nested).unexpected).toEqual([]);
    expect(() => loadWeights(model, new Map<string, TensorLike>([...nested, ['conv1.num_batches_tracked', count]]))).toThrow(
      expect.objectContaining({ code: 'CHECKPOINT_UNEXPECTED' }),
    );
  });
});
