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

/** Visits each run of pixels that lies in one row of one tubelet and channel: where it begins in the clip and among the tokens' values, and the step there. */
export function forEachRun(
  section: Section,
  clip: ClipShape,
  shape: TubeletShape,
  tokens: { readonly length: number; readonly width: number },
  visit: (frame: number, channel: number, offset: number, length: number, at: number, step: number) => void,
): void {
  const { batch, time, channels } = clip;
  const rows = clip.height / shape.height;
  const columns = clip.width / shape.width;
  const area = shape.height * shape.width;
  const byChannel = shape.order === 'cthw';
  const step = byChannel ? 1 : channels;
  for (let item = 0; item < batch; item++) {
    for (let t = 0; t < section.tubes * section.frames; t++) {
      const tube = Math.floor(t / section.frames);
      const frame = t - tube * section.frames;
      for (let c = 0; c < channels; c++) {
        let offset = 0;
        const inTubelet = byChannel ? (c * section.frames + frame) * area : frame * area * channels + c;
        for (let row = 0; row < rows; row++) {
          const token = item * tokens.length + section.firstToken + (tube * rows + row) * columns;
          for (let y = 0; y < shape.height; y++) {
            let at = token * tokens.width + inTubelet + y * shape.width * step;
            for (let column = 0; column < columns; column++, offset += shape.width, at += tokens.width) {
              visit(item * time + section.firstFrame + t, c, offset, shape.width, at, step);
            }
          }
        }
      }
    }
  }
}
