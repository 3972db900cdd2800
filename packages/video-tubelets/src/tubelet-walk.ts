import type { ClipShape } from './clip-tensor.js';
import type { TubeletShape } from './tubelet-options.js';

/** A part of a clip that is cut into tubes of one length. */
export interface Section {
  readonly firstFrame: number;
  readonly tubes: number;
  /** Frames of each tube. */
  readonly frames: number;
  /** Where its tokens begin among those of a clip. */
  readonly firstToken: number;
}

/** Pixels that lie in one row of one tubelet, and how far apart their values are among those of a token. */
export interface Run {
  readonly length: number;
  /** From one pixel to the next. */
  readonly step: number;
  /** From one channel to the next. */
  readonly channelStep: number;
}

/** Visits each run of a section: the frame (those of a batch counted through), its first pixel in it, and where that is among the tokens' values. */
export function forEachRun(
  section: Section,
  clip: ClipShape,
  shape: TubeletShape,
  tokens: { readonly length: number; readonly width: number },
  visit: (frame: number, offset: number, at: number, run: Run) => void,
): void {
  const { batch, time, channels } = clip;
  const rows = clip.height / shape.height;
  const columns = clip.width / shape.width;
  const area = shape.height * shape.width;
  const byChannel = shape.order === 'cthw';
  const run: Run = { length: shape.width, step: byChannel ? 1 : channels, channelStep: byChannel ? section.frames * area : 1 };
  for (let item = 0; item < batch; item++) {
    for (let t = 0; t < section.tubes * section.frames; t++) {
      const tube = Math.floor(t / section.frames);
      const inTubelet = (t - tube * section.frames) * area * run.step;
      const frame = item * time + section.firstFrame + t;
      let offset = 0;
      for (let row = 0; row < rows; row++) {
        const token = item * tokens.length + section.firstToken + (tube * rows + row) * columns;
        for (let y = 0; y < shape.height; y++) {
          let at = token * tokens.width + inTubelet + y * shape.width * run.step;
          for (let column = 0; column < columns; column++, offset += shape.width, at += tokens.width) visit(frame, offset, at, run);
        }
      }
    }
  }
}
