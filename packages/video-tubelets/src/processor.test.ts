import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { imageProcessor, type PreprocessorConfig } from '@polymodal/image-patcher';
import type { Image } from '@polymodal/modality-registry';
import { noise } from '../test/noise.js';
import { knownVideoProcessorTypes, videoProcessor } from './index.js';
import { readTensor } from './read-tensor.js';

interface Golden {
  readonly config: PreprocessorConfig;
  readonly frames: [count: number, width: number, height: number, channels: number, seed: number];
  readonly dims: readonly number[];
  readonly sha256: string;
}

const goldens: { cases: Golden[] } = JSON.parse(readFileSync(new URL('../test/goldens/processors.json', import.meta.url), 'utf8'));
const videoMae = { image_processor_type: 'VideoMAEImageProcessor', size: 24, crop_size: 16 };

test.each(goldens.cases)('$config: the bytes that Pillow and NumPy give', async ({ config, frames, dims, sha256 }) => {
  const process = videoProcessor(config);
  const values = process(noise(...frames));
  expect(values.dims).toEqual(dims);
  expect(createHash('sha256').update(values.data).digest('hex')).toBe(sha256);
  expect(await process.read(noise(...frames))).toEqual(values);
});

test('defaults are those of the published classes', () => {
  expect(videoProcessor({ image_processor_type: 'VideoMAEImageProcessor' })(noise(2, 40, 30)).dims).toEqual([2, 3, 224, 224]);
  const white = [{ data: new Uint8Array(300 * 300 * 3).fill(255), width: 300, height: 300 }];
  // ViViT: 255 ÷ 127.5 − 1 = 1, and (1 − 0.5) ÷ 0.5 = 1.
  expect(videoProcessor({ image_processor_type: 'VivitImageProcessor' })(white).data[0]).toBe(1);
});

test('image processors are applied frame by frame', () => {
  const config = { image_processor_type: 'CLIPImageProcessor', size: 24, crop_size: 16 };
  const frames = noise(3, 40, 30);
  const { dims, data } = imageProcessor(config).batch(frames);
  expect(videoProcessor(config)(frames)).toEqual({ type: 'float32', dims, data });
  expect(knownVideoProcessorTypes).toContain('CLIPImageProcessor');
});

test('a batch is its clips one by one', () => {
  const process = videoProcessor(videoMae);
  const clips = [noise(3, 40, 30, 3, 1), noise(3, 30, 50, 3, 2)];
  const { dims, data } = process.batch(clips);
  expect(dims).toEqual([2, 3, 3, 16, 16]);
  expect([...data]).toEqual(clips.flatMap((clip) => [...process(clip).data]));
});

test('frames with alpha, and grey ones, become RGB', () => {
  const process = videoProcessor({ ...videoMae, image_processor_type: 'VivitImageProcessor', do_convert_rgb: false });
  expect(process([...noise(1, 20, 20, 4), ...noise(1, 20, 20, 1)]).dims).toEqual([2, 3, 16, 16]);
});

describe('bad input', () => {
  const process = videoProcessor(videoMae);
  const whole = videoProcessor({ ...videoMae, do_resize: false, do_center_crop: false });
  test.each<[string, () => unknown, string]>([
    ['an unknown type', () => videoProcessor({ image_processor_type: 'SoundProcessor' }), 'VIDEO_PROCESSOR_UNKNOWN'],
    ['no type', () => videoProcessor({}), 'VIDEO_PROCESSOR_UNKNOWN'],
    ['no configuration', () => videoProcessor(null as never), 'IMAGE_PROCESSOR_CONFIG'],
    ['a size of 0', () => videoProcessor({ ...videoMae, size: 0 }), 'IMAGE_PROCESSOR_CONFIG'],
    ['no frames', () => process([]), 'VIDEO_EMPTY'],
    ['one picture', () => process(noise(1, 4, 4)[0] as never), 'VIDEO_FRAMES'],
    ['frames that stay of different sizes', () => whole([...noise(1, 4, 4), ...noise(1, 5, 4)]), 'VIDEO_FRAME_SIZE'],
    ['a frame with too few bytes', () => process([{ data: new Uint8Array(3), width: 2, height: 2 }]), 'IMAGE_DIMENSIONS'],
    ['no clips', () => process.batch([]), 'VIDEO_BATCH'],
    ['clips of different lengths', () => process.batch([noise(1, 9, 9), noise(2, 9, 9)]), 'VIDEO_BATCH'],
  ])('%s is refused', (_, call, code) => {
    expect(call).toThrow(expect.objectContaining({ code }));
  });

  test('without a type, those of videos are listed too', () => {
    expect(() => videoProcessor({})).toThrow(expect.objectContaining({ message: expect.stringContaining('VivitImageProcessor') }));
  });

  test('streams without frames, or that never end, are refused', async () => {
    await expect(process.read([])).rejects.toThrow(expect.objectContaining({ code: 'VIDEO_EMPTY' }));
    const [frame] = noise(1, 4, 4) as [Image];
    async function* endless() {
      for (;;) yield frame;
    }
    const large = { type: 'float32', dims: [3, 5000, 9000], data: new Float32Array(0) } as const;
    await expect(readTensor(endless(), () => large)).rejects.toThrow(expect.objectContaining({ code: 'VIDEO_TOO_LARGE' }));
  });
});
