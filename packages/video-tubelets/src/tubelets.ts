import type { ContinuousTokens, TensorLike, Tokens } from '@polymodal/modality-registry';
import { readClip } from './clip-reader.js';
import type { Clip, ClipShape } from './clip-tensor.js';
import { VideoError } from './errors.js';
import { checkTubeletOptions, type TubeletOptions, type TubeletShape } from './tubelet-options.js';
import { channelsOf, checkTokens } from './tubelet-tokens.js';
import { forEachRun, type Section } from './tubelet-walk.js';

/** Tubelets, by time, then row by row: `values` is [batch, length, width], `grid` is [time, rows, columns] with length their product. */
export interface Tubelets extends ContinuousTokens {
  readonly values: TensorLike<'float32'>;
  readonly grid: readonly [time: number, height: number, width: number];
}

/**
 * Cuts a clip into tubelets that do not overlap (Arnab et al. 2021, arXiv 2103.15691, section 3.2). With `firstFrameAlone` the tokens of the
 * first frame have channels × patch area values and then, where tubes follow, zeros up to the width of these: see {@link splitFirstFrame}.
 *
 * @throws VideoError `VIDEO_EMPTY`, `VIDEO_FRAME_SIZE`, `VIDEO_TOO_LARGE`, `VIDEO_TENSOR`; `VIDEO_TUBELET_SIZE` where the sides are no multiples of
 *   the patch's; `VIDEO_TUBE_FRAMES` where the frames do not fill whole tubes. ImageError for a frame that is no picture.
 */
export function tubelets(clip: Clip, options: TubeletOptions): Tubelets {
  const shape = checkTubeletOptions(options);
  const video = readClip(clip);
  const tubes = checkDivision(video, shape);
  const grid = [tubes + (shape.firstFrameAlone ? 1 : 0), video.height / shape.height, video.width / shape.width] as const;
  const area = video.channels * shape.height * shape.width;
  const width = tubes > 0 ? area * shape.frames : area;
  const length = grid[0] * grid[1] * grid[2];
  const out = new Float32Array(video.batch * length * width); // [batch, time × rows × columns, channels × frames × patch area]
  for (const section of sections(video, grid, shape)) {
    forEachRun(section, video, shape, { length, width }, (frame, offset, at, run) => video.copy(out, frame, offset, at, run));
  }
  return { values: { type: 'float32', dims: [video.batch, length, width], data: out }, grid };
}

/**
 * Puts tubelets together again: the inverse of {@link tubelets} with the same options. → [batch, time, channels, height, width]
 *
 * @throws VideoError `VIDEO_TOKENS` for tokens that are no tubelets, have no grid, or do not fit theirs; `VIDEO_TUBELET_SIZE`.
 */
export function untubelets(tokens: Tokens, options: TubeletOptions): TensorLike<'float32'> {
  const shape = checkTubeletOptions(options);
  const { data, batch, length, width, grid } = checkTokens(tokens);
  const channels = channelsOf(width, grid[0], shape);
  const time = shape.firstFrameAlone ? 1 + (grid[0] - 1) * shape.frames : grid[0] * shape.frames;
  const video = { batch, time, channels, height: grid[1] * shape.height, width: grid[2] * shape.width };
  const tokenSize = { length, width };
  const plane = video.height * video.width;
  const out = new Float32Array(batch * time * channels * plane);
  for (const section of sections(video, grid, shape)) {
    forEachRun(section, video, shape, tokenSize, (frame, offset, at, { length, step, channelStep }) => {
      for (let c = 0; c < channels; c++) {
        const [from, to] = [at + c * channelStep, (frame * channels + c) * plane + offset];
        for (let i = 0; i < length; i++) out[to + i] = data[from + i * step]!;
      }
    });
  }
  return { type: 'float32', dims: [batch, time, channels, video.height, video.width], data: out };
}

/** The parts of a clip that are cut alike: its first frame where that stands alone, and its tubes. */
function sections({ time }: Pick<ClipShape, 'time'>, grid: Tubelets['grid'], { firstFrameAlone, frames }: TubeletShape): Section[] {
  if (!firstFrameAlone) return [{ firstFrame: 0, tubes: grid[0], frames, firstToken: 0 }];
  const first: Section = { firstFrame: 0, tubes: 1, frames: 1, firstToken: 0 };
  return time === 1 ? [first] : [first, { firstFrame: 1, tubes: grid[0] - 1, frames, firstToken: grid[1] * grid[2] }];
}

/** The number of whole tubes of a clip. */
function checkDivision({ time, height, width }: ClipShape, { frames, firstFrameAlone, ...patch }: TubeletShape): number {
  if (height % patch.height !== 0 || width % patch.width !== 0) {
    throw new VideoError({
      code: 'VIDEO_TUBELET_SIZE',
      message: `frames are ${width}×${height}, but tubelets of ${patch.width}×${patch.height} need sides that are multiples of these.`,
      fix: 'Resize, crop or pad the frames first.',
    });
  }
  const tubes = (firstFrameAlone ? time - 1 : time) / frames;
  if (Number.isInteger(tubes)) return tubes;
  throw new VideoError({
    code: 'VIDEO_TUBE_FRAMES',
    message: firstFrameAlone
      ? `the clip has ${time} frames, but one and a multiple of ${frames} were expected, such as ${1 + Math.ceil(tubes) * frames}.`
      : `the clip has ${time} frames, but a multiple of ${frames} was expected, such as ${Math.ceil(tubes) * frames}.`,
    fix: 'Sample that many frames: sampleFrames, or clips().',
  });
}
