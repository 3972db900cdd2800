import { describe, expect, test } from '@jest/globals';
import type { Image } from '@polymodal/modality-registry';
import anyres from '../../test/goldens/anyres.json' with { type: 'json' };
import published from '../../test/goldens/processors.json' with { type: 'json' };
import { goldenPath, goldens, noise, sha256 } from '../../test/goldens.js';
import { decodeImage } from '../node.js';
import { imageProcessorPlugin } from '../plugin.js';
import type { PreprocessorConfig } from './config.js';
import { imageProcessor } from './image-processor.js';

const { abs } = Math;

const decoded = (name: string) => decodeImage(goldenPath(`source/${name}`));
const pipelinesOf = (name: string) => goldens.cases.find((golden) => golden.name === name)!.pipelines;

interface Probe {
  readonly index: readonly number[];
  readonly value: readonly number[];
}

function expectGolden(config: PreprocessorConfig, image: Image, { sha256: expected, probe }: { sha256: string; probe: Probe }): void {
  const processor = imageProcessor(config);
  expect(sha256(processor.pixels(image).data)).toBe(expected);
  const { data } = processor(image);
  for (const [i, at] of probe.index.entries()) expect(abs(data[at]! - probe.value[i]!)).toBeLessThan(1e-6);
}

describe("openai/CLIP's own order, RGB last", () => {
  const config: PreprocessorConfig = { image_processor_type: 'openai/CLIP' };

  test.each(['rgba_shapes_200x140.png', 'gradient_301x227.png', 'strip_1500x10.png', 'one_pixel.png'])('%s', async (name) => {
    expectGolden(config, await decoded(name), pipelinesOf(name).clip224_openai!);
  });

  test('a picture with a palette, which Pillow resizes by nearest neighbour whatever the filter', async () => {
    const name = 'palette_128x96.gif';
    expectGolden({ ...config, resample: 0 }, await decoded(name), pipelinesOf(name).clip224_openai!);
  });
});

describe('BLIP-2', () => {
  test.each(['rgba_shapes_200x140.png', 'gradient_301x227.png'])('%s has the pixels of the squash, and CLIP’s statistics', async (name) => {
    // The published preprocessor_config.json of Salesforce/blip2-opt-2.7b.
    const processor = imageProcessor({
      do_normalize: true,
      do_rescale: true,
      do_resize: true,
      image_mean: [0.48145466, 0.4578275, 0.40821073],
      image_processor_type: 'BlipImageProcessor',
      image_std: [0.26862954, 0.26130258, 0.27577711],
      processor_class: 'Blip2Processor',
      resample: 3,
      rescale_factor: 0.00392156862745098,
      size: { height: 224, width: 224 },
    });
    const image = await decoded(name);
    expect(sha256(processor.pixels(image).data)).toBe(pipelinesOf(name).squash224_bicubic!.sha256);
    const clip = imageProcessor({ image_processor_type: 'CLIPImageProcessor' }).settings;
    expect(processor.settings).toMatchObject({ mean: clip.mean, std: clip.std, rescaleFactor: clip.rescaleFactor });
  });
});

describe("DALL-E's discrete VAE and Stable Diffusion's", () => {
  test('noise of 260×300 as the notebook prepares it', async () => {
    expectGolden({ image_processor_type: 'openai/DALL-E' }, await decoded('noise_260x300.png'), published.dalle256);
  });

  test.each(published.random)('$type, number $seed: $width×$height×$channels to $size', (row) => {
    const { type, seed, width, height, channels, size, refused, out, sha256: expected } = row;
    const sides = type === 'VaeImageProcessor' ? {} : { size, crop_size: size };
    const processor = imageProcessor({ image_processor_type: type, ...sides });
    const image = noise(width, height, channels, seed);
    if (refused) {
      expect(() => processor(image)).toThrow(expect.objectContaining({ code: 'IMAGE_DIMENSIONS' }));
      return;
    }
    const pixels = processor.pixels(image);
    expect([pixels.width, pixels.height]).toEqual(out);
    expect(sha256(pixels.data)).toBe(expected);
  });

  test('values lie between 0.1 and 0.9, and between -1 and 1', () => {
    const image: Image = { data: Uint8Array.of(0, 0, 0, 255, 255, 255), width: 2, height: 1 };
    const whole = { do_resize: false, do_center_crop: false };
    const [low, high] = imageProcessor({ image_processor_type: 'openai/DALL-E', ...whole })(image).data;
    expect([low, high]).toEqual([Math.fround(0.1), Math.fround(0.9)]);
    const vae = imageProcessor({ image_processor_type: 'VaeImageProcessor', ...whole });
    expect(Array.from(vae(image).data)).toEqual([-1, 1, -1, 1, -1, 1]);
  });

  test.each(published.vae)("diffusers' own configuration, number $seed: $width×$height×$channels to $dims", (row) => {
    const { seed, width, height, channels, config, dims, sha256: pixels, maskSha256, probe } = row;
    const processor = imageProcessor({ _class_name: 'VaeImageProcessor', _diffusers_version: '0.27.2', ...config } as PreprocessorConfig);
    const image = noise(width, height, channels, seed);
    expect(sha256(processor.pixels(image).data)).toBe(pixels);
    const values = processor(image);
    expect(values.dims).toEqual(dims);
    if (maskSha256) expect(sha256(Uint8Array.from(values.data))).toBe(maskSha256);
    for (const [i, at] of (probe?.index ?? []).entries()) expect(abs(values.data[at]! - probe!.value[i]!)).toBeLessThan(1e-6);
    expect(processor.batch([image, image]).dims).toEqual([2, ...dims]);
    if (!config.do_binarize) expect(processor.toImages(values)).toEqual([processor.pixels(image)]);
  });

  test.each([{ do_convert_grayscale: true, do_convert_rgb: true }, { do_binarize: 'yes' as unknown as boolean }, { resample: 'cubic' }])(
    '%j is refused',
    (config) => {
      expect(() => imageProcessor({ _class_name: 'VaeImageProcessor', ...config })).toThrow(
        expect.objectContaining({ code: 'IMAGE_PROCESSOR_CONFIG' }),
      );
    },
  );

  test('a picture of fewer pixels than the multiple is refused', () => {
    const vae = imageProcessor({ image_processor_type: 'VaeImageProcessor', vae_scale_factor: 32 });
    expect(() => vae(noise(40, 31, 3))).toThrow('the picture is 40×31, but sides of at least 32 were expected');
    expect(vae(noise(70, 40, 3)).dims).toEqual([3, 32, 64]);
  });
});

describe('the way back', () => {
  test.each(['CLIPImageProcessor', 'openai/DALL-E', 'VaeImageProcessor', 'SiglipImageProcessor'])(
    '%s: tensors become the pictures that they were made of',
    (type) => {
      const processor = imageProcessor({ image_processor_type: type, do_resize: false, do_center_crop: false });
      const images = [noise(9, 7, 3, 1), noise(9, 7, 3, 2)];
      expect(processor.toImages(processor.batch(images))).toEqual(images);
      expect(processor.toImages(processor(images[0]!))).toEqual([images[0]]);
    },
  );

  test('what is no picture is refused', () => {
    const { toImages } = imageProcessor({ image_processor_type: 'VaeImageProcessor' });
    const data = new Float32Array(12);
    for (const tensor of [
      { type: 'float32' as const, dims: [4, 3], data },
      { type: 'float32' as const, dims: [3, 2, 3], data },
      { type: 'uint8' as const, dims: [3, 2, 2], data: new Uint8Array(12) },
    ]) {
      expect(() => toImages(tensor)).toThrow(expect.objectContaining({ code: 'IMAGE_TENSOR' }));
    }
  });
});

describe('LLaVA-1.6', () => {
  const config: PreprocessorConfig = {
    image_processor_type: 'LlavaNextImageProcessor',
    crop_size: { height: 56, width: 56 },
    size: { shortest_edge: 56 },
    do_pad: true,
    image_grid_pinpoints: anyres.pinPoints.map(([width, height]) => [height!, width!] as const),
  };

  test.each(anyres.pictures)('$name', async ({ name, tiles, sha256: expected }) => {
    const processor = imageProcessor(config);
    const image = await decoded(name);
    expect(sha256(processor.pixels(image).data)).toBe(expected);
    const values = processor(image);
    expect(values.dims).toEqual([tiles, 3, 56, 56]);
    expect(processor.toImages(values)).toHaveLength(tiles);
  });

  test('a batch is filled with zeros where a picture has fewer tiles', () => {
    const processor = imageProcessor(config);
    const images = [noise(50, 300, 3), noise(90, 90, 3)];
    const { dims, data } = processor.batch(images);
    expect(dims).toEqual([2, 5, 3, 56, 56]);
    const [tall, square] = images.map((image) => processor(image));
    expect([tall!.dims[0], square!.dims[0]]).toEqual([4, 5]);
    const size = 5 * 3 * 56 * 56;
    expect(sha256(data.subarray(0, tall!.data.length))).toBe(sha256(tall!.data));
    expect(data.subarray(tall!.data.length, size).every((value) => value === 0)).toBe(true);
    expect(sha256(data.subarray(size))).toBe(sha256(square!.data));
    expect(processor.batch([]).dims).toEqual([0, 0, 3, 56, 56]);
  });

  test('a size given as height and width is the same as the shortest edge', () => {
    const image = noise(90, 80, 3);
    const sides = imageProcessor({ ...config, size: { height: 56, width: 56 } });
    expect(sha256(sides(image).data)).toBe(sha256(imageProcessor(config)(image).data));
  });

  test('a plugin gives the sizes too, which models need to place the newlines', async () => {
    const [part] = imageProcessorPlugin(config).parts;
    const { pixel_values: values, image_sizes: sizes } = await part!.process([noise(50, 300, 3), noise(90, 80, 3)]);
    expect(values!.dims).toEqual([2, 5, 3, 56, 56]);
    expect(sizes).toEqual({ type: 'int32', dims: [2, 2], data: Int32Array.of(300, 50, 80, 90) });
  });

  test.each<[string, PreprocessorConfig]>([
    ['a crop of another size', { crop_size: 28 }],
    ['a size of another shape', { size: { height: 56, width: 112 } }],
    ['a size of twice the crop', { size: { height: 112, width: 112 } }],
    ['a crop that is no square', { crop_size: { height: 56, width: 28 } }],
    ['no pin points', { image_grid_pinpoints: [] }],
    ['pin points that are words', { image_grid_pinpoints: 'all' as unknown as [] }],
    ['pin points that are no multiples', { image_grid_pinpoints: [[336, 100]] }],
  ])('%s is refused', (_, fields) => {
    expect(() => imageProcessor({ ...config, ...fields })).toThrow(expect.objectContaining({ code: 'IMAGE_PROCESSOR_CONFIG' }));
  });
});
