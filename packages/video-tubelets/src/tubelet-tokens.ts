import type { TensorLike, Tokens } from '@polymodal/modality-registry';
import { VideoError } from './errors.js';
import { checkTubeletOptions, type TubeletOptions, type TubeletShape } from './tubelet-options.js';
import type { Tubelets } from './tubelets.js';

/** The tokens of the first frame without padding, and those of the tubes that follow it, if any: two widths, for two embeddings. */
export interface FirstFrameAndTubes {
  /** [batch, rows × columns, channels × patch area]: what `patchify` of @polymodal/image-patcher gives for that frame. */
  readonly first: Tubelets;
  /** [batch, tubes × rows × columns, channels × frames × patch area] */
  readonly tubes: Tubelets | undefined;
}

/**
 * Parts the tokens that {@link tubelets} made with `firstFrameAlone`, as Phenaki embeds them: the first frame by itself, tubes by another matrix.
 *
 * @throws VideoError `VIDEO_TOKENS`, `VIDEO_TUBELET_SIZE`.
 */
export function splitFirstFrame(tokens: Tokens, options: Omit<TubeletOptions, 'firstFrameAlone'>): FirstFrameAndTubes {
  const shape = checkTubeletOptions({ ...options, firstFrameAlone: true });
  const { data, batch, length, width, grid } = checkTokens(tokens);
  const area = channelsOf(width, grid[0], shape) * shape.height * shape.width;
  const count = grid[1] * grid[2];
  const first = new Float32Array(batch * count * area); // [batch, rows × columns, channels × patch area]
  const rest = new Float32Array(batch * (length - count) * width); // [batch, tubes × rows × columns, width]
  for (let item = 0; item < batch; item++) {
    const start = item * length * width;
    for (let token = 0; token < count; token++) {
      first.set(data.subarray(start + token * width, start + token * width + area), (item * count + token) * area);
    }
    rest.set(data.subarray(start + count * width, start + length * width), item * (length - count) * width);
  }
  const made = (dims: readonly number[], values: Float32Array, time: number): Tubelets => ({
    values: { type: 'float32', dims, data: values },
    grid: [time, grid[1], grid[2]],
  });
  return {
    first: made([batch, count, area], first, 1),
    tubes: length === count ? undefined : made([batch, length - count, width], rest, grid[0] - 1),
  };
}

/** The values of tubelets and their grid. @throws VideoError `VIDEO_TOKENS`. */
export function checkTokens(tokens: Tokens) {
  const { values, grid } = tokens ?? {};
  const dims = Array.isArray(values?.dims) ? values.dims : [];
  const [batch = 0, length = 0, width = 0] = dims;
  const positive = dims.length === 3 && dims.every((dim) => Number.isSafeInteger(dim) && dim > 0);
  const fits = positive && values?.data?.length === batch * length * width;
  if (values?.type !== 'float32' || !fits) {
    throw wrong(`tokens are ${described(values)}, but tubelets, float32 values [batch, length, width], were expected.`);
  }
  const whole = grid?.length === 3 && grid.every((size) => Number.isSafeInteger(size) && size > 0);
  if (!whole || grid[0] * grid[1] * grid[2] !== length) {
    throw wrong(`grid is ${grid ? `[${grid.join(', ')}]` : 'absent'}, but [time, rows, columns] of product ${length} was expected.`);
  }
  return { data: values.data as Float32Array, batch, length, width, grid };
}

/** The channels of tokens of `width` values. @throws VideoError `VIDEO_TUBELET_SIZE` where no whole number of channels fits. */
export function channelsOf(width: number, time: number, { frames, height, width: across, firstFrameAlone }: TubeletShape): number {
  const size = height * across * (firstFrameAlone && time === 1 ? 1 : frames);
  if (width % size === 0) return width / size;
  throw new VideoError({
    code: 'VIDEO_TUBELET_SIZE',
    message: `tubelets have ${width} values, but those of ${frames} frames of ${across}×${height} have a multiple of ${size}.`,
    fix: 'Pass the options that the tubelets were cut with.',
  });
}

function wrong(message: string): VideoError {
  return new VideoError({ code: 'VIDEO_TOKENS', message, fix: 'Pass what tubelets() gave, with its grid.' });
}

function described(values: TensorLike | undefined): string {
  return Array.isArray(values?.dims) ? `${values.type} [${values.dims.join(', ')}] with ${values.data?.length} values` : 'without values';
}
