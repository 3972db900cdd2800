import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { createRegistry, type Image } from '@polymodal/modality-registry';
import { conformance } from '@polymodal/modality-registry/conformance';
import { noise } from '../test/goldens.js';
import { imagePlugin, imageProcessorPlugin, VERSION } from './plugin.js';
import { imageProcessor } from './processor/image-processor.js';

const clip = { image_processor_type: 'CLIPImageProcessor', size: 32, crop_size: 32 };
const samples = [noise(24, 16, 3, 1), noise(24, 16, 3, 2), noise(24, 16, 3, 3)];
const plugin = imagePlugin({ patchSize: 8, processor: clip });

describe('the contract', () => {
  for (const { name, run } of conformance(plugin, { samples })) test(name, run);
  for (const { name, run } of conformance(imagePlugin({ patchSize: { height: 4, width: 8 }, order: 'hwc', processor: clip }), {
    samples,
  })) {
    test(`hwc: ${name}`, run);
  }
  const processor = imageProcessorPlugin({ image_processor_type: 'SiglipImageProcessor', size: { height: 24, width: 16 } });
  for (const { name, run } of conformance(processor, { samples: [noise(9, 40, 4), noise(30, 20, 1)] })) test(name, run);
});

test('the registry finds both parts', async () => {
  const registry = createRegistry([plugin]);
  const tokens = await registry.tokenizer('image').encode(samples);
  expect(tokens.grid).toEqual([1, 2, 3]);
  expect(tokens.values?.dims).toEqual([3, 6, 192]);
  const { pixel_values: pixels } = await registry.processor('image').process(samples);
  expect(pixels).toEqual(imageProcessor(clip).batch(samples));
});

test('pictures of different sizes cannot share a batch of patches', async () => {
  await expect(plugin.parts[0].encode([noise(8, 8, 3), noise(16, 8, 3)])).rejects.toThrow(expect.objectContaining({ code: 'IMAGE_BATCH' }));
});

test('a wrong patch size fails where it is written', () => {
  expect(() => imagePlugin({ patchSize: 0 })).toThrow(expect.objectContaining({ code: 'IMAGE_PATCH_SIZE' }));
});

test('a long batch can be aborted in the middle', async () => {
  const controller = new AbortController();
  const reason = new Error('enough');
  const seen: number[] = [];
  const many = Array<Image>(4000).fill(noise(300, 200, 3));
  // Due at once, so heard as soon as the batch first lets the event loop turn.
  setTimeout(() => controller.abort(reason));
  const call = { signal: controller.signal, onProgress: ({ done }: { done: number }) => seen.push(done) };
  await expect(plugin.parts[1].process(many, call)).rejects.toBe(reason);
  expect(seen.length).toBeLessThan(4000);
});

test('the version is that of the package', () => {
  expect(VERSION).toBe(JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version);
});
