import { convert, normalize } from '@polymodal/image-patcher';
import type { Image, TensorLike } from '@polymodal/modality-registry';
import { type Clip, type ClipShape, checkFrames, noFrames } from './clip-tensor.js';
import { shown, VideoError } from './errors.js';
import { checkTotal, otherFrameSize } from './join.js';
import type { Run } from './tubelet-walk.js';

/** A checked clip, whose pixels are read by runs. */
export interface ClipReader extends ClipShape {
  /** Writes a run of `run.length` pixels of one frame, all channels, into `out`. */
  copy(out: Float32Array, frame: number, offset: number, at: number, run: Run): void;
}

/**
 * Reads a clip of frames or of values. The frames of a batch are counted through.
 *
 * @throws VideoError `VIDEO_EMPTY`, `VIDEO_FRAME_SIZE`, `VIDEO_TOO_LARGE`, `VIDEO_TENSOR` for another type or shape; ImageError of a frame.
 */
export function readClip(clip: Clip): ClipReader {
  return Array.isArray(clip) ? readFrames(clip) : readTensor(clip as TensorLike);
}

/** The value of each level: a clip has many pixels but few levels. */
const levels = () => normalize({ data: Uint8Array.from({ length: 256 }, (_, level) => level), width: 256, height: 1, channels: 1 }).data;

function readFrames(frames: readonly Image[]): ClipReader {
  checkFrames(frames);
  const pictures: Uint8Array[] = [];
  let size: readonly [channels: number, height: number, width: number] = [3, 0, 0];
  for (const [i, frame] of frames.entries()) {
    const { data, width, height } = convert(frame, 'rgb');
    if (i === 0) {
      checkTotal(frames.length, width, height);
      size = [3, height, width];
    }
    if (width !== size[2] || height !== size[1]) throw otherFrameSize(i, [3, height, width], size);
    // One class of array, so that the inner loop stays monomorphic whatever the caller holds.
    pictures.push(new Uint8Array(data.buffer, data.byteOffset, data.length));
  }
  const [channels, height, width] = size;
  const table = levels();
  return {
    ...{ batch: 1, time: frames.length, channels, height, width },
    copy(out, frame, offset, at, { length, step, channelStep }) {
      const data = pictures[frame]!;
      // All channels at once: several times faster than one after the other.
      for (let i = 0, from = offset * 3, to = at; i < length; i++, from += 3, to += step) {
        out[to] = table[data[from]!]!;
        out[to + channelStep] = table[data[from + 1]!]!;
        out[to + 2 * channelStep] = table[data[from + 2]!]!;
      }
    },
  };
}

function readTensor(tensor: TensorLike): ClipReader {
  const { type, dims = [], data } = (tensor ?? {}) as Partial<TensorLike>;
  const [batch, time, channels, height, width] = (dims.length === 4 ? [1, ...dims] : dims) as [number, number, number, number, number];
  const positive = dims.every((dim) => Number.isSafeInteger(dim) && dim > 0);
  const fits = (dims.length === 4 || dims.length === 5) && data?.length === batch * time * channels * height * width;
  if (type === 'float32' && fits && time === 0) throw noFrames();
  if (type !== 'float32' || !fits || !positive) {
    const given = type ? `${type} [${dims.join(', ')}] with ${data?.length} values` : shown(tensor);
    throw new VideoError({
      code: 'VIDEO_TENSOR',
      message: `the clip is ${given}, but frames, or float32 [time, channels, height, width] or [batch, time, channels, height, width], were expected.`,
      fix: 'Make it with a videoProcessor; data that was transferred to another thread has no values.',
    });
  }
  const values = data as Float32Array;
  const plane = height * width;
  return {
    ...{ batch, time, channels, height, width },
    copy(out, frame, offset, at, { length, step, channelStep }) {
      for (let c = 0; c < channels; c++) {
        const from = (frame * channels + c) * plane + offset;
        const to = at + c * channelStep;
        for (let i = 0; i < length; i++) out[to + i * step] = values[from + i]!;
      }
    },
  };
}
