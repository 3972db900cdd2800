import { createRandom, ops } from '@polymodal/autograd';
import type { TensorLike } from '@polymodal/modality-registry';
import { type Batch, type BatchExpr, gelu, type Layer, type Loss, linear, sequential, type Weights } from '../src/index.js';

export const float32 = (dims: readonly number[], data: Iterable<number>): TensorLike<'float32'> => ({
  type: 'float32',
  dims,
  data: Float32Array.from(data),
});

export interface Problem {
  readonly model: Layer;
  readonly loss: (batch: BatchExpr) => Loss;
  readonly data: (step: number) => Batch;
}

/** Exclusive or: four points that no line separates. */
export function exclusiveOr(): Problem {
  const model = sequential(linear(2, 8), gelu(), linear(8, 1));
  const batch = { x: float32([4, 2], [0, 0, 0, 1, 1, 0, 1, 1]), y: float32([4, 1], [0, 1, 1, 0]) };
  return { model, loss: ({ x, y }) => ops.meanSquaredError(model(x!), y!), data: () => batch };
}

/** sin(3x) on [−1, 1], 16 new points in every batch. */
export function sine(): Problem {
  const model = sequential(linear(1, 16), gelu(), linear(16, 1));
  const { sin } = Math;
  const data = (step: number): Batch => {
    const random = createRandom(11).fork(step);
    const x = Array.from({ length: 16 }, () => 2 * random.uniform() - 1);
    return {
      x: float32([16, 1], x),
      y: float32(
        [16, 1],
        x.map((one) => sin(3 * one)),
      ),
    };
  };
  return { model, loss: ({ x, y }) => ops.meanSquaredError(model(x!), y!), data };
}

/** The bytes of weights, to compare bit for bit. */
export function bitsOf(weights: Weights): Record<string, number[]> {
  return Object.fromEntries(
    [...weights].map(([name, { data }]) => [name, [...new Uint32Array(data.buffer, data.byteOffset, data.length)]]),
  );
}
