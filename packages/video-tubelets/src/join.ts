import { MAX_PIXELS } from '@polymodal/image-patcher';
import type { TensorLike } from '@polymodal/modality-registry';
import { VideoError } from './errors.js';

type Tensor = TensorLike<'float32'>;

/** Frames below one another, as they come: count × [channels, height, width] → [count, channels, height, width]. @throws VideoError `VIDEO_FRAME_SIZE`, `VIDEO_TOO_LARGE`. */
export function joinFrames(frames: Iterable<Tensor>, count: number): Tensor {
  return join(frames, count, otherFrameSize);
}

/** What is wrong with frame `index`, whose [channels, height, width] are not those of the first. */
export function otherFrameSize(index: number, dims: readonly number[], expected: readonly number[]): VideoError {
  return new VideoError({
    code: 'VIDEO_FRAME_SIZE',
    message: `frame ${index} is [${dims.join(', ')}] as [channels, height, width], but the first is [${expected.join(', ')}].`,
    fix: 'Resize or crop the frames to one size first, with resize of @polymodal/image-patcher or a videoProcessor.',
  });
}

/** Clips below one another: count × [time, channels, height, width] → [count, time, …]. @throws VideoError `VIDEO_BATCH`, `VIDEO_TOO_LARGE`. */
export function joinClips(clips: Iterable<Tensor>, count: number): Tensor {
  return join(clips, count, (index, dims, expected) => {
    return new VideoError({
      code: 'VIDEO_BATCH',
      message: `clip ${index} of the batch is [${dims.join(', ')}] as [time, channels, height, width], but the first is [${expected.join(', ')}].`,
      fix: 'Sample as many frames of each, at one size, or process them one by one.',
    });
  });
}

/** @throws VideoError `VIDEO_TOO_LARGE` where frames together have more pixels than one picture may have; called before allocating. */
export function checkTotal(frames: number, width: number, height: number): void {
  if (frames * width * height <= MAX_PIXELS) return;
  throw new VideoError({
    code: 'VIDEO_TOO_LARGE',
    message: `${frames} frames of ${width}×${height} have ${frames * width * height} pixels, but at most ${MAX_PIXELS} are held at once.`,
    fix: 'Sample fewer frames, resize them first, or go through the video clip by clip: clips().',
  });
}

type Mismatch = (index: number, dims: readonly number[], expected: readonly number[]) => VideoError;

function join(tensors: Iterable<Tensor>, count: number, mismatch: Mismatch): Tensor {
  let dims: readonly number[] = [];
  let data = new Float32Array(0); // [count, ...dims]
  let index = 0;
  for (const tensor of tensors) {
    if (index === 0) {
      dims = tensor.dims;
      const [width, height, , time = 1] = dims.toReversed() as [number, number, ...number[]];
      checkTotal(count * time, width, height);
      data = new Float32Array(count * tensor.data.length);
    }
    if (tensor.dims.join() !== dims.join()) throw mismatch(index, tensor.dims, dims);
    data.set(tensor.data, index * tensor.data.length);
    index++;
  }
  return { type: 'float32', dims: [count, ...dims], data };
}
