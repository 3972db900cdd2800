import { RetrievalError } from './errors.js';

/**
 * Writes `vector` scaled to unit length into `target` at `offset`.
 *
 * @throws RetrievalError `VECTOR_WIDTH`, `VECTOR_NOT_FINITE`, `VECTOR_ZERO`; `target` is left as it was.
 */
export function writeUnitVector(vector: Float32Array, width: number, what: string, target: Float32Array, offset = 0): void {
  const scale = 1 / Math.sqrt(squaredLength(vector, width, what));
  for (let i = 0; i < width; i++) target[offset + i] = vector[i]! * scale;
}

/** The squared length of a vector that is fit to be normalised; in float64, which no float32 vector overflows. */
export function squaredLength(vector: Float32Array, width: number, what: string): number {
  if (!(vector instanceof Float32Array) || vector.length !== width)
    throw new RetrievalError({
      code: 'VECTOR_WIDTH',
      message: `${what} has ${vector instanceof Float32Array ? `${vector.length} numbers` : `type ${typeof vector}`}, but this index holds Float32Array vectors of width ${width}.`,
      fix: 'Embed it with the model that the index was made with.',
    });
  let sum = 0;
  for (let i = 0; i < width; i++) sum += vector[i]! * vector[i]!;
  if (!Number.isFinite(sum))
    throw new RetrievalError({
      code: 'VECTOR_NOT_FINITE',
      message: `${what} contains NaN or an infinity.`,
      fix: 'Look at the model that made it: its weights or its input are not finite.',
    });
  if (sum === 0)
    throw new RetrievalError({
      code: 'VECTOR_ZERO',
      message: `${what} is all zeros and has no direction, so it cannot be compared by cosine.`,
      fix: 'Leave the item out, or look at the model that made it.',
    });
  return sum;
}
