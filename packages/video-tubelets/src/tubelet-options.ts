import { shown, VideoError } from './errors.js';

export interface TubeletOptions {
  /** Side of a tubelet in pixels, or both its sides. */
  readonly patchSize: number | { readonly height: number; readonly width: number };
  /** Frames that a tubelet goes through. */
  readonly tubeSize: number;
  /**
   * The first frame is cut into patches of its own, and tubes begin with the second (C-ViViT of Phenaki, Villegas et al. 2022,
   * arXiv 2210.02399, section 2.1): a picture is a video of one frame. Default false: ViViT's tubelets.
   */
  readonly firstFrameAlone?: boolean;
  /**
   * Order of values within a tubelet. `cthw` (default): channel by channel, as the weights of a 3-D convolution (ViViT, VideoMAE's embedding);
   * `thwc`: frame by frame and pixel by pixel with channels last, as VideoMAE's targets and Flax's kernels.
   */
  readonly order?: 'cthw' | 'thwc';
}

/** Options that are checked and filled in. */
export interface TubeletShape {
  readonly frames: number;
  readonly height: number;
  readonly width: number;
  readonly firstFrameAlone: boolean;
  readonly order: 'cthw' | 'thwc';
}

/** @throws VideoError `VIDEO_TUBELET_SIZE` for sizes that are no positive integers, or an unknown order. */
export function checkTubeletOptions(options: TubeletOptions): TubeletShape {
  const { patchSize, tubeSize, firstFrameAlone = false, order = 'cthw' } = options ?? {};
  if (order !== 'cthw' && order !== 'thwc') throw wrong('order', order, "'cthw' or 'thwc'");
  const sides = typeof patchSize === 'number' ? { height: patchSize, width: patchSize } : patchSize;
  const positive = (size: number | undefined) => Number.isSafeInteger(size) && size! > 0;
  if (!positive(sides?.height) || !positive(sides?.width)) {
    throw wrong('patchSize', JSON.stringify(patchSize), 'a positive integer, or { height, width } of them,');
  }
  if (!positive(tubeSize)) throw wrong('tubeSize', tubeSize, 'a positive integer');
  return { frames: tubeSize, height: sides.height, width: sides.width, firstFrameAlone, order };
}

function wrong(name: string, value: unknown, expected: string): VideoError {
  return new VideoError({ code: 'VIDEO_TUBELET_SIZE', message: `${name} is ${shown(value)}, but ${expected} was expected.` });
}
