import { describe, expect, test } from '@jest/globals';
import { normalize, patchify } from '@polymodal/image-patcher';
import type { Image, TensorLike, Tokens } from '@polymodal/modality-registry';
import fc from 'fast-check';
import { noise, ramp } from '../test/noise.js';
import { framesToTensor, splitFirstFrame, type TubeletOptions, tubelets, untubelets } from './index.js';

/** A 3-D convolution whose kernel is its stride, written out: [T, C, H, W] with weights [out, C, t, h, w] → [time × rows × columns][out]. */
function convolve3d(
  { dims, data }: TensorLike<'float32'>,
  weight: Float32Array,
  outputs: number,
  [t, h, w]: readonly number[],
): number[][] {
  const [time, channels, height, width] = dims as [number, number, number, number];
  const results: number[][] = [];
  for (let z = 0; z < time; z += t!) {
    for (let y = 0; y < height; y += h!) {
      for (let x = 0; x < width; x += w!) {
        const sums = new Array<number>(outputs).fill(0);
        for (let o = 0; o < outputs; o++) {
          for (let c = 0; c < channels; c++) {
            for (let dz = 0; dz < t!; dz++) {
              for (let dy = 0; dy < h!; dy++) {
                for (let dx = 0; dx < w!; dx++) {
                  const pixel = data[(((z + dz) * channels + c) * height + y + dy) * width + x + dx]!;
                  sums[o]! += pixel * weight[(((o * channels + c) * t! + dz) * h! + dy) * w! + dx]!;
                }
              }
            }
          }
        }
        results.push(sums);
      }
    }
  }
  return results;
}

const small = fc.integer({ min: 1, max: 3 });
const shapes = fc.record({
  batch: small,
  channels: small,
  tubes: small,
  rows: small,
  columns: small,
  tubeSize: small,
  height: small,
  width: small,
  order: fc.constantFrom('cthw' as const, 'thwc' as const),
  firstFrameAlone: fc.boolean(),
});

test('tubelets times the weights of a 3-D convolution are that convolution', () => {
  const [t, h, w] = [2, 4, 2];
  const clip = ramp(6, 3, 8, 6);
  const weight = Float32Array.from({ length: 5 * 3 * t * h * w }, (_, i) => ((i * 37) % 11) - 5);
  const { values, grid } = tubelets(clip, { patchSize: { height: h, width: w }, tubeSize: t });
  const [, length, width] = values.dims as [number, number, number];
  const products = Array.from({ length }, (_, token) =>
    Array.from({ length: 5 }, (_, o) => {
      let sum = 0;
      for (let i = 0; i < width; i++) sum += values.data[token * width + i]! * weight[o * width + i]!;
      return sum;
    }),
  );
  expect(products).toEqual(convolve3d(clip, weight, 5, [t, h, w]));
  expect(grid).toEqual([3, 2, 3]);
});

test('values lie channel by channel, or pixel by pixel with channels last', () => {
  const clip = ramp(2, 2, 1, 2); // pixel (t, c, x) is 4t + 2c + x
  const cut = (order: 'cthw' | 'thwc') => [...tubelets(clip, { patchSize: { height: 1, width: 2 }, tubeSize: 2, order }).values.data];
  expect(cut('cthw')).toEqual([0, 1, 4, 5, 2, 3, 6, 7]);
  expect(cut('thwc')).toEqual([0, 2, 1, 3, 4, 6, 5, 7]);
});

test('tokens come by time, then row by row', () => {
  const { values, grid } = tubelets(ramp(2, 1, 2, 3), { patchSize: 1, tubeSize: 1 });
  expect(grid).toEqual([2, 2, 3]);
  expect([...values.data]).toEqual([...Array(12).keys()]);
});

test('untubelets undoes tubelets, in each order, with the first frame alone or not', () => {
  fc.assert(
    fc.property(shapes, ({ batch, channels, tubes, rows, columns, tubeSize, height, width, order, firstFrameAlone }) => {
      const options: TubeletOptions = { patchSize: { height, width }, tubeSize, order, firstFrameAlone };
      const time = tubes * tubeSize + (firstFrameAlone ? 1 - (tubes === 1 ? tubeSize : 0) : 0);
      const clip = ramp(batch, time, channels, rows * height, columns * width);
      expect(untubelets(tubelets(clip, options), options)).toEqual(clip);
    }),
    { seed: 4, numRuns: 300 },
  );
});

test('a batch is its clips one by one', () => {
  const options = { patchSize: 2, tubeSize: 2, firstFrameAlone: true } as const;
  const clips = [noise(5, 4, 6, 3, 1), noise(5, 4, 6, 3, 2)].map(framesToTensor);
  const data = new Float32Array(clips.flatMap((clip) => [...clip.data]));
  const both = tubelets({ type: 'float32', dims: [2, ...clips[0]!.dims], data }, options);
  expect([...both.values.data]).toEqual(clips.flatMap((clip) => [...tubelets(clip, options).values.data]));
});

describe('a picture is a video of one frame', () => {
  const [picture] = noise(1, 48, 32) as [Image];
  test.each([
    ['cthw', 'chw'],
    ['thwc', 'hwc'],
  ] as const)('%s tubelets are the %s patches of image-patcher, byte for byte', (order, patchOrder) => {
    const patches = patchify(normalize(picture), { patchSize: 16, order: patchOrder });
    for (const options of [
      { patchSize: 16, tubeSize: 1, order },
      { patchSize: 16, tubeSize: 2, firstFrameAlone: true, order },
    ]) {
      expect(tubelets([picture], options)).toEqual(patches);
    }
  });

  test('the first frame of a longer video has the same tokens, parted from the tubes', () => {
    const frames = noise(5, 48, 32);
    const options = { patchSize: 16, tubeSize: 2 };
    const { first, tubes } = splitFirstFrame(tubelets(frames, { ...options, firstFrameAlone: true }), options);
    expect(first).toEqual(patchify(normalize(frames[0]!), { patchSize: 16 }));
    expect(tubes).toEqual(tubelets(frames.slice(1), options));
    expect(splitFirstFrame(tubelets([picture], { ...options, firstFrameAlone: true }), options).tubes).toBeUndefined();
  });

  test('what comes later does not change the tokens of earlier frames', () => {
    const frames = noise(9, 16, 16);
    const options = { patchSize: 8, tubeSize: 2, firstFrameAlone: true };
    const short = tubelets(frames.slice(0, 5), options).values.data;
    expect(tubelets(frames, options).values.data.slice(0, short.length)).toEqual(short);
  });
});

test('11 frames of 128² in tubes of 2×8×8 are the 1536 tokens of Phenaki', () => {
  const { values, grid } = tubelets(noise(11, 128, 128), { patchSize: 8, tubeSize: 2, firstFrameAlone: true });
  expect(grid).toEqual([6, 16, 16]);
  expect(values.dims).toEqual([1, 1536, 384]);
});

describe('bad input', () => {
  const options = { patchSize: 2, tubeSize: 2 };
  const good = tubelets(ramp(2, 3, 4, 4), options);
  const transferred = noise(2, 4, 4);
  structuredClone(transferred[1]!.data, { transfer: [transferred[1]!.data.buffer as ArrayBuffer] });
  const shared = noise(2, 4, 4).map((frame) => {
    const data = new Uint8Array(new SharedArrayBuffer(frame.data.length));
    data.set(frame.data);
    return { ...frame, data };
  });

  const negative = good.values.dims.map((dim, i) => (i === 1 ? dim : -dim));
  test.each<[string, () => unknown, string]>([
    ['no frames', () => tubelets([], options), 'VIDEO_EMPTY'],
    ['a tensor of no frames', () => tubelets(ramp(0, 3, 4, 4), options), 'VIDEO_EMPTY'],
    ['fewer frames than a tube', () => tubelets(noise(1, 4, 4), options), 'VIDEO_TUBE_FRAMES'],
    ['a first frame and half a tube', () => tubelets(noise(2, 4, 4), { ...options, firstFrameAlone: true }), 'VIDEO_TUBE_FRAMES'],
    ['frames of different sizes', () => tubelets([...noise(1, 4, 4), ...noise(1, 4, 6)], options), 'VIDEO_FRAME_SIZE'],
    ['sides that are no multiples', () => tubelets(noise(2, 4, 5), options), 'VIDEO_TUBELET_SIZE'],
    ['a patch of NaN', () => tubelets(noise(2, 4, 4), { ...options, patchSize: Number.NaN }), 'VIDEO_TUBELET_SIZE'],
    ['a tube of 1.5 frames', () => tubelets(noise(2, 4, 4), { ...options, tubeSize: 1.5 }), 'VIDEO_TUBELET_SIZE'],
    ['an unknown order', () => tubelets(noise(2, 4, 4), { ...options, order: 'tchw' as 'thwc' }), 'VIDEO_TUBELET_SIZE'],
    ['something that is no clip', () => tubelets('frames' as never, options), 'VIDEO_TENSOR'],
    ['null', () => tubelets(null as never, options), 'VIDEO_TENSOR'],
    ['three dimensions', () => tubelets(ramp(3, 4, 4), options), 'VIDEO_TENSOR'],
    ['data that do not fit', () => tubelets({ ...ramp(2, 3, 4, 4), dims: [2, 3, 4, 8] }, options), 'VIDEO_TENSOR'],
    ['a dimension of NaN', () => tubelets({ ...ramp(2, 3, 4, 4), dims: [Number.NaN, 3, 4, 4] }, options), 'VIDEO_TENSOR'],
    ['a frame that was transferred away', () => tubelets(transferred, options), 'IMAGE_DIMENSIONS'],
    ['more pixels than are held at once', () => tubelets(Array(2000).fill(noise(1, 224, 224)[0]!), options), 'VIDEO_TOO_LARGE'],
    ['tokens without a grid', () => untubelets({ values: good.values }, options), 'VIDEO_TOKENS'],
    [
      'values without dimensions',
      () => untubelets({ ...good, values: { ...good.values, dims: undefined as never } }, options),
      'VIDEO_TOKENS',
    ],
    ['values without data', () => untubelets({ ...good, values: { ...good.values, data: undefined as never } }, options), 'VIDEO_TOKENS'],
    ['dimensions below 0', () => untubelets({ ...good, values: { ...good.values, dims: negative } }, options), 'VIDEO_TOKENS'],
    ['a grid that does not fit', () => untubelets({ ...good, grid: [1, 2, 3] } as Tokens, options), 'VIDEO_TOKENS'],
    ['ids', () => untubelets({ ids: { type: 'int32', dims: [1, 1], data: new Int32Array(1) } }, options), 'VIDEO_TOKENS'],
    ['another patch size', () => untubelets(good, { ...options, patchSize: 5 }), 'VIDEO_TUBELET_SIZE'],
    ['another tube size', () => splitFirstFrame(good, { patchSize: 4, tubeSize: 5 }), 'VIDEO_TUBELET_SIZE'],
  ])('%s is refused', (_, call, code) => {
    expect(call).toThrow(expect.objectContaining({ code }));
  });

  test('frames in shared memory are frames, and are not modified', () => {
    const before = shared.map(({ data }) => [...data]);
    expect(tubelets(shared, options)).toEqual(tubelets(noise(2, 4, 4), options));
    expect(shared.map(({ data }) => [...data])).toEqual(before);
  });
});
