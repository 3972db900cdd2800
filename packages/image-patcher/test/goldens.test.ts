import { describe, expect, test } from '@jest/globals';
import type { Image } from '@polymodal/modality-registry';
import { imageProcessor, orient, type PreprocessorConfig } from '../src/index.js';
import { decodeImage } from '../src/node.js';
import pipelines from './goldens/pipelines.json' with { type: 'json' };
import { goldenBytes, goldenPath, sha256 } from './goldens.js';

/** Goldens that go through several parts, from the file to the values. */

const { abs } = Math;
const decoded = (name: string) => decodeImage(goldenPath(`source/${name}`));

const configs: Readonly<Record<keyof typeof pipelines.noise, PreprocessorConfig>> = {
  clip224_openai: { image_processor_type: 'openai/CLIP' },
  clip224_hf: { image_processor_type: 'CLIPImageProcessor' },
  llava336_pad: { image_processor_type: 'LlavaImageProcessor', do_pad: true, size: { shortest_edge: 336 }, crop_size: 336 },
  vit224_bilinear: { image_processor_type: 'ViTImageProcessor' },
  squash224_bicubic: { image_processor_type: 'SiglipImageProcessor' },
  imagenet224: {
    image_processor_type: 'openai/CLIP',
    resample: 2,
    size: { shortest_edge: 256 },
    crop_size: 224,
    image_mean: [0.485, 0.456, 0.406],
    image_std: [0.229, 0.224, 0.225],
  },
};

function expectGolden(name: keyof typeof configs, image: Image, golden: (typeof pipelines.noise)[typeof name]): void {
  const processor = imageProcessor(configs[name]);
  expect(sha256(processor.pixels(image).data)).toBe(golden.sha256);
  const { data } = processor(image);
  for (const [i, at] of golden.probe.index.entries()) expect(abs(data[at]! - golden.probe.value[i]!)).toBeLessThan(1e-6);
}

test.each(Object.keys(configs) as (keyof typeof configs)[])('noise of 260×300 through %s', async (name) => {
  expectGolden(name, await decoded('noise_260x300.png'), pipelines.noise[name]);
});

test('a photograph turned upright by its EXIF orientation, through llava336_pad', () => {
  const { name, rgb, llava336_pad: golden } = pipelines.upright;
  const stored: Image = { data: goldenBytes(`rgb/${name}.gz`), width: 210, height: 280 };
  const upright = orient(stored, 6);
  expect(sha256(upright.data)).toBe(rgb);
  expectGolden('llava336_pad', upright, golden);
});

test('alpha of a PNG is decoded as Pillow decodes it', async () => {
  const { name, sha256: expected } = pipelines.rgba;
  const { data, channels } = await decoded(name);
  expect([channels, sha256(data)]).toEqual([4, expected]);
});

describe('openai/DALL-E refuses what its notebook refuses', () => {
  test.each(pipelines.refused)('$name, whose shorter side has $shorter pixels', async ({ name, shorter }) => {
    const image = await decoded(name);
    expect(Math.min(image.width, image.height)).toBe(shorter);
    expect(() => imageProcessor({ image_processor_type: 'openai/DALL-E' })(image)).toThrow('sides of at least 256 were expected');
  });
});
