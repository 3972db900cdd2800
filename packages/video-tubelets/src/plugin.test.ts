import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { imagePlugin } from '@polymodal/image-patcher';
import { createRegistry, type Image, type Video } from '@polymodal/modality-registry';
import { conformance } from '@polymodal/modality-registry/conformance';
import { noise } from '../test/noise.js';
import { videoPlugin, videoProcessor } from './index.js';
import { VERSION } from './plugin.js';

const processor = { image_processor_type: 'VideoMAEImageProcessor', size: 24, crop_size: 16 };
const samples: Video[] = [1, 2, 3].map((seed) => ({ frames: noise(4, 24, 16, 3, seed) }));
const plugin = videoPlugin({ patchSize: 8, tubeSize: 2, processor });

describe('the contract', () => {
  for (const { name, run } of conformance(plugin, { samples })) test(name, run);
  const alone = videoPlugin({ patchSize: { height: 4, width: 8 }, tubeSize: 2, firstFrameAlone: true, order: 'thwc', processor });
  const odd = [1, 2].map((seed): Video => ({ frames: noise(5, 24, 16, 3, seed) }));
  for (const { name, run } of conformance(alone, { samples: odd })) test(`first frame alone: ${name}`, run);
});

test('the registry finds both parts', async () => {
  const registry = createRegistry([plugin]);
  const tokens = await registry.tokenizer('video').encode(samples);
  expect(tokens.grid).toEqual([2, 2, 3]);
  expect(tokens.values?.dims).toEqual([3, 12, 384]);
  const { pixel_values: pixels } = await registry.processor('video').process(samples);
  expect(pixels).toEqual(videoProcessor(processor).batch(samples.map(({ frames }) => frames as Image[])));
});

test('a picture as a video of one frame has the tokens of the picture', async () => {
  const pictures = noise(2, 32, 16);
  const videos = videoPlugin({ patchSize: 8, firstFrameAlone: true }).parts[0];
  const patches = imagePlugin({ patchSize: 8 }).parts[0];
  expect(await videos.encode(pictures.map((picture) => ({ frames: [picture] })))).toEqual(await patches.encode(pictures));
});

test('a stream of frames has the tokens of the list', async () => {
  async function* stream(frames: Video['frames']) {
    yield* frames;
  }
  const streams = samples.map(({ frames }) => ({ frames: stream(frames) }));
  expect(await plugin.parts[0].encode(streams)).toEqual(await plugin.parts[0].encode(samples));
});

test('a stream that does not answer any more can be aborted', async () => {
  const controller = new AbortController();
  const reason = new Error('enough');
  async function* stuck(): AsyncGenerator<Image> {
    yield* noise(1, 16, 16);
    await new Promise(() => {});
  }
  setTimeout(() => controller.abort(reason), 20);
  await expect(plugin.parts[0].encode([{ frames: stuck() }], { signal: controller.signal })).rejects.toBe(reason);
});

test('videos of different sizes cannot share a batch', async () => {
  const other = { frames: noise(2, 24, 16) };
  await expect(plugin.parts[0].encode([...samples, other])).rejects.toThrow(expect.objectContaining({ code: 'VIDEO_BATCH' }));
  await expect(plugin.parts[0].encode([{ frames: [] }])).rejects.toThrow(expect.objectContaining({ code: 'VIDEO_EMPTY' }));
});

test('a wrong size fails where it is written', () => {
  expect(() => videoPlugin({ tubeSize: 0 })).toThrow(expect.objectContaining({ code: 'VIDEO_TUBELET_SIZE' }));
});

test('the version is that of the package', () => {
  expect(VERSION).toBe(JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version);
});
