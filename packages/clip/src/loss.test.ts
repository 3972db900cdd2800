import { afterAll, describe, expect, test } from '@jest/globals';
import { createRandom, evaluate, onnxBackend, ops } from '@polymodal/autograd';
import type { TensorLike } from '@polymodal/modality-registry';
import { constantValue, sgd, train } from '@polymodal/nn';
import * as ort from 'onnxruntime-node';
import { contrastiveLoss, maxLogitScale } from './loss.js';

const random = createRandom(7);
const vectors = (rows: number, width = 5): TensorLike<'float32'> => ({
  type: 'float32',
  dims: [rows, width],
  data: Float32Array.from({ length: rows * width }, () => random.normal()),
});
const ids = (...values: readonly number[]) =>
  ops.constant({ type: 'int64', dims: [values.length], data: BigInt64Array.from(values, BigInt) });
const [images, texts] = [vectors(4), vectors(4)];
const scale = 1.5;

const lossOf = (a: TensorLike, b: TensorLike, groups?: readonly [readonly number[], readonly number[]]): number => {
  const options = groups && { imageGroups: ids(...groups[0]), textGroups: ids(...groups[1]) };
  return evaluate([contrastiveLoss(ops.constant(a), ops.constant(b), ops.constant(scale), options)])[0]!.data[0]!;
};

const rowsOf = ({ dims, data }: TensorLike<'float32'>) =>
  Array.from({ length: dims[0]! }, (_, i) => {
    const row = [...data.subarray(i * dims[1]!, (i + 1) * dims[1]!)];
    const norm = Math.hypot(...row);
    return row.map((value) => value / norm);
  });

type Table = readonly (readonly number[])[];
const turn = (rows: Table): Table => rows[0]!.map((_, j) => rows.map((row) => row[j]!));

/** The definition, by hand: each row's mean of −log p over its positives; rows without one are left out; the mean of both directions. */
function byTable(a: TensorLike<'float32'>, b: TensorLike<'float32'>, positives: Table): number {
  const cosine = (x: readonly number[], y: readonly number[]) => x.reduce((sum, value, i) => sum + value * y[i]!, 0);
  const logits = rowsOf(a).map((image) => rowsOf(b).map((text) => Math.exp(scale) * cosine(image, text)));
  const direction = (rows: Table, targets: Table) => {
    const losses = rows.flatMap((row, i) => {
      const total = Math.log(row.reduce((sum, logit) => sum + Math.exp(logit), 0));
      const own = row.filter((_, j) => targets[i]![j] === 1);
      return own.length === 0 ? [] : [own.reduce((sum, logit) => sum + total - logit, 0) / own.length];
    });
    return losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
  };
  return (direction(logits, positives) + direction(turn(logits), turn(positives))) / 2;
}

type Groups = readonly [images: readonly number[], texts: readonly number[]];
const byHand = (a: TensorLike<'float32'>, b: TensorLike<'float32'>, [imageGroups, textGroups]: Groups): number =>
  byTable(
    a,
    b,
    imageGroups.map((image) => textGroups.map((text) => (image === text ? 1 : 0))),
  );

describe('groups', () => {
  test('all distinct are the plain loss', () => {
    expect(
      lossOf(images, texts, [
        [3, 5, 8, 0],
        [3, 5, 8, 0],
      ]),
    ).toBeCloseTo(lossOf(images, texts), 12);
    expect(lossOf(images, texts)).toBeCloseTo(
      byHand(images, texts, [
        [0, 1, 2, 3],
        [0, 1, 2, 3],
      ]),
      6,
    );
  });

  test('a caption that occurs twice is a positive of both its pictures', () => {
    const groups = [
      [0, 1, 0, 2],
      [0, 1, 0, 2],
    ] as const;
    expect(lossOf(images, texts, groups)).toBeCloseTo(byHand(images, texts, groups), 6);
  });

  test('texts without a picture are negatives only, and captions may be more than pictures', () => {
    const many = vectors(7);
    const groups = [
      [0, 1, 0, 9],
      [1, 0, 4, 4, 0, 1, 6],
    ] as const; // picture 3 has no caption
    expect(lossOf(images, many, groups)).toBeCloseTo(byHand(images, many, groups), 6);
  });

  test('right answers that are no equivalence are given as a table', () => {
    // Text 0 fits pictures 0 and 1, text 1 fits picture 1 alone: no ids say that.
    const table = [
      [1, 0, 0, 0],
      [1, 1, 0, 0],
      [0, 0, 1, 0],
      [0, 0, 0, 1],
    ];
    const positives = ops.constant({ type: 'float32', dims: [4, 4], data: Float32Array.from(table.flat()) });
    const loss = contrastiveLoss(ops.constant(images), ops.constant(texts), ops.constant(scale), { positives });
    expect(evaluate([loss])[0]!.data[0]!).toBeCloseTo(byTable(images, texts, table), 6);
  });

  test('a batch without any pair costs nothing, rather than NaN', () => {
    expect(
      lossOf(images, texts, [
        [0, 1, 2, 3],
        [4, 5, 6, 7],
      ]),
    ).toBeCloseTo(0, 12);
  });
});

describe('the logit scale', () => {
  const backend = onnxBackend(ort, { threads: 1 });
  afterAll(() => backend.dispose());

  const finalScale = async (bounds?: Readonly<Record<string, readonly [number, number]>>): Promise<number> => {
    // Perfect pairs: the loss falls as the scale rises, without end.
    const logit_scale = ops.parameter([], constantValue(4.5));
    const unused = { type: 'float32', dims: [2, 2], data: Float32Array.of(1, 0, 0.99, 0.14) } as const;
    const run = train(
      { tree: { logit_scale } },
      {
        backend,
        seed: 1,
        steps: 20,
        data: () => ({ pairs: unused }),
        loss: ({ pairs }) => contrastiveLoss(pairs!, pairs!, logit_scale),
        optimizer: sgd({ learningRate: 1 }),
        ...(bounds && { bounds }),
      },
    );
    for await (const { loss } of run) expect(Number.isFinite(loss)).toBe(true);
    const value = (await run.weights()).get('logit_scale')!.data[0]!;
    await run.release();
    return Math.exp(value);
  };

  test('grows past 100 when left alone, and is held there by the bounds', async () => {
    expect(await finalScale()).toBeGreaterThan(110);
    expect(await finalScale({ logit_scale: [0, maxLogitScale] })).toBeCloseTo(100, 3);
  });
});
