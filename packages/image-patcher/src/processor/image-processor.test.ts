import { describe, expect, test } from '@jest/globals';
import type { Image } from '@polymodal/modality-registry';
import { type GoldenCase, goldenBytes, goldens, noise, sha256 } from '../../test/goldens.js';
import { cmykToRgb, convert } from '../convert.js';
import { centerCrop } from '../crop.js';
import type { Filter } from '../filters.js';
import { normalize } from '../normalize.js';
import { resize } from '../resize.js';
import type { PreprocessorConfig } from './config.js';
import { imageProcessor, shortestEdgeSize } from './image-processor.js';

/** What openai/CLIP ships on the Hugging Face hub, as older tools wrote it. */
const clipConfig: PreprocessorConfig = {
  crop_size: 224,
  do_center_crop: true,
  do_normalize: true,
  do_resize: true,
  feature_extractor_type: 'CLIPFeatureExtractor',
  image_mean: [0.48145466, 0.4578275, 0.40821073],
  image_std: [0.26862954, 0.26130258, 0.27577711],
  resample: 3,
  size: 224,
};

const configs: Readonly<Record<string, PreprocessorConfig>> = {
  clip224_hf: clipConfig,
  vit224_bilinear: { image_processor_type: 'ViTImageProcessor', size: { height: 224, width: 224 }, resample: 2 },
  squash224_bicubic: { image_processor_type: 'SiglipImageProcessor', size: { height: 224, width: 224 }, resample: 3, do_convert_rgb: null },
  siglip384: { image_processor_type: 'SiglipImageProcessor', size: { height: 384, width: 384 } },
  llava336_pad: {
    image_processor_type: 'LlavaImageProcessor',
    do_pad: true,
    size: { shortest_edge: 336 },
    crop_size: { height: 336, width: 336 },
  },
};

/** Every way in which a processor shapes a picture that it has converted to RGB. */
const greyConfigs: Readonly<Record<string, PreprocessorConfig>> = {
  ...configs,
  'a crop larger than the picture': { ...clipConfig, do_resize: false, crop_size: 400 },
  'no step at all': { ...clipConfig, do_resize: false, do_center_crop: false },
  'padding alone': { image_processor_type: 'LlavaImageProcessor', do_pad: true, do_resize: false, do_center_crop: false },
  AnyRes: {
    image_processor_type: 'LlavaNextImageProcessor',
    size: 32,
    crop_size: 32,
    image_grid_pinpoints: [
      [32, 64],
      [64, 64],
    ],
  },
  'openai/DALL-E': { image_processor_type: 'openai/DALL-E' },
};

/** The decoded picture that Pillow gave, for pictures whose decoding is not part of the question. */
const decoded = goldens.cases.flatMap((golden) => (golden.rgb ? [{ golden, image: decodedRgb(golden) }] : []));

function decodedRgb({ rgb, rgbIsGrey, width, height }: GoldenCase): Image {
  return convert({ data: goldenBytes(rgb!), width, height, channels: rgbIsGrey ? 1 : 3 }, 'rgb');
}

describe.each(decoded)('$golden.name as Hugging Face processors compute it', ({ golden, image }) => {
  const known = Object.entries(configs).filter(([name]) => golden.pipelines[name]);

  test.each(known)('%s', (name, config) => {
    const { sha256: expected, probe } = golden.pipelines[name]!;
    const processor = imageProcessor(config);
    expect(sha256(processor.pixels(image).data)).toBe(expected);
    const { dims, data } = processor(image);
    expect(data.length).toBe(dims.reduce((product, dim) => product * dim, 1));
    expect(dims).toEqual([3, processor.pixels(image).height, processor.pixels(image).width]);
    for (const [i, at] of probe.index.entries()) expect(Math.abs(data[at]! - probe.value[i]!)).toBeLessThan(1e-6);
  });
});

describe('torchvision transforms, put together from functions', () => {
  const run = (image: Image, edge: number, size: number, filter: Filter, alpha: 'straight' | 'none' = 'straight') =>
    centerCrop(resize(image, { ...shortestEdgeSize(image, edge), filter, alpha }), { width: size, height: size });

  test.each(decoded.filter(({ golden }) => !golden.cmyk))('$golden.name: openai/CLIP and ImageNet', ({ golden, image }) => {
    for (const [name, edge, filter] of [
      ['clip224_openai', 224, 'bicubic'],
      ['imagenet224', 256, 'bilinear'],
    ] as const) {
      const { sha256: expected, probe } = golden.pipelines[name]!;
      const pixels = run(image, edge, 224, filter);
      expect(sha256(pixels.data)).toBe(expected);
      const { data } = normalize(pixels, goldens.statistics[name]!);
      for (const [i, at] of probe.index.entries()) expect(Math.abs(data[at]! - probe.value[i]!)).toBeLessThan(1e-6);
    }
  });

  test('a CMYK picture is resized as CMYK by openai/CLIP, which converts after', () => {
    const golden = goldens.cases.find(({ cmyk }) => cmyk)!;
    const image = { data: goldenBytes(golden.cmyk!), width: golden.width, height: golden.height, channels: 4 };
    const pixels = cmykToRgb(run(image, 224, 224, 'bicubic', 'none'));
    expect(sha256(pixels.data)).toBe(golden.pipelines.clip224_openai!.sha256);
  });
});

describe('properties', () => {
  const images = [noise(300, 200, 3), noise(30, 47, 4), noise(224, 224, 1), noise(9, 500, 2)];

  test('a batch is its pictures one below another', () => {
    for (const config of Object.values(configs)) {
      const processor = imageProcessor(config);
      const { dims, data } = processor.batch(images);
      const [, ...one] = dims;
      expect(dims[0]).toBe(images.length);
      images.forEach((image, i) => {
        const alone = imageProcessor(config)(image);
        expect(alone.dims).toEqual(one);
        // By hash: jest compares large arrays slowly.
        expect(sha256(data.subarray(i * alone.data.length, (i + 1) * alone.data.length))).toBe(sha256(alone.data));
      });
    }
  });

  test('resizing only what the crop keeps changes nothing', () => {
    const size = { width: 30, height: 50 };
    const processor = imageProcessor({ ...clipConfig, size: 40, crop_size: size });
    for (const image of images) {
      const rgb = convert(image, 'rgb');
      expect(processor.pixels(image)).toEqual(centerCrop(resize(rgb, shortestEdgeSize(rgb, 40)), size, 'hf'));
    }
  });

  test.each(Object.entries(greyConfigs))('%s of a grey picture is that of the grey picture in RGB', (_, config) => {
    const processor = imageProcessor(config);
    for (const channels of [1, 2]) {
      for (const [width, height] of [
        [340, 290],
        [281, 300],
        [260, 260],
      ] as const) {
        const image = noise(width, height, channels);
        const [found, expected] = [processor.pixels(image), processor.pixels(convert(image, 'rgb'))];
        expect([found.width, found.height, found.channels]).toEqual([expected.width, expected.height, 3]);
        expect(sha256(found.data)).toBe(sha256(expected.data));
      }
    }
  });

  test('a strip of 1×30,000 goes through', () => {
    expect(imageProcessor(clipConfig)(noise(1, 30_000, 3)).dims).toEqual([3, 224, 224]);
  });

  test('steps that a configuration turns off are left out', () => {
    const nothing = imageProcessor({ ...clipConfig, do_resize: false, do_center_crop: false, do_rescale: false, do_normalize: false });
    const image = noise(3, 2, 3);
    expect(nothing(image)).toEqual({ type: 'float32', dims: [3, 2, 3], data: normalize(image, { rescaleFactor: 1 }).data });
    const cropOnly = imageProcessor({ ...clipConfig, do_resize: false, crop_size: 2 });
    expect(cropOnly(image).dims).toEqual([3, 2, 2]);
  });

  test('defaults are those of the type', () => {
    expect(imageProcessor({ image_processor_type: 'CLIPImageProcessor' }).settings).toEqual({
      ...imageProcessor(clipConfig).settings,
      type: 'CLIPImageProcessor',
    });
  });

  test('channels stay where the configuration says do_convert_rgb: false', () => {
    const grey = imageProcessor({ ...clipConfig, do_convert_rgb: false, image_mean: [0.5], image_std: [0.5] });
    expect(grey(noise(20, 20, 1)).dims).toEqual([1, 224, 224]);
    expect(() => grey(noise(20, 20, 3))).toThrow(expect.objectContaining({ code: 'IMAGE_NORMALIZE' }));
  });
});

describe('bad configurations', () => {
  test('an unknown type lists what is known', () => {
    expect(() => imageProcessor({ image_processor_type: 'FlavaImageProcessor' })).toThrow(
      /image_processor_type is "FlavaImageProcessor", but one of CLIPImageProcessor, .*SiglipImageProcessor/,
    );
    for (const type of [undefined, 'constructor', '__proto__']) {
      expect(() => imageProcessor(type === undefined ? {} : { image_processor_type: type })).toThrow(
        expect.objectContaining({ code: 'IMAGE_PROCESSOR_UNKNOWN' }),
      );
    }
  });

  test.each<[string, PreprocessorConfig]>([
    ['a size of 0', { size: 0 }],
    ['a size without sides', { size: { height: 224 } }],
    ['an unknown filter', { resample: 9 }],
    ['an unknown name of a filter', { resample: 'cubic' }],
    ['a mask of pictures that are none', { do_binarize: true }],
    ['grey for a model of colours', { do_convert_grayscale: true }],
    ['a flag that is a word', { do_resize: 'yes' as unknown as boolean }],
    ['a mean with a word', { image_mean: [0.5, 'x', 0.5] as number[] }],
    ['an empty std', { image_std: [] }],
    ['a crop size of NaN', { crop_size: Number.NaN }],
    ['a rescale factor that is a word', { rescale_factor: '1/255' as unknown as number }],
  ])('%s is refused', (_, fields) => {
    expect(() => imageProcessor({ ...clipConfig, ...fields })).toThrow(expect.objectContaining({ code: 'IMAGE_PROCESSOR_CONFIG' }));
  });

  test.each([null, [], 'CLIPImageProcessor'])('%p in place of the configuration is refused', (config) => {
    expect(() => imageProcessor(config as unknown as PreprocessorConfig)).toThrow(
      expect.objectContaining({ code: 'IMAGE_PROCESSOR_CONFIG' }),
    );
  });

  test('a batch of none is empty', () => {
    expect(imageProcessor(clipConfig).batch([])).toEqual({ type: 'float32', dims: [0, 3, 224, 224], data: new Float32Array(0) });
  });

  test('a batch that is no list, or of several sizes, is refused', () => {
    const processor = imageProcessor({ ...clipConfig, do_center_crop: false });
    expect(() => processor.batch('ab' as unknown as Image[])).toThrow(expect.objectContaining({ code: 'IMAGE_BATCH' }));
    expect(() => processor.batch([noise(10, 10, 3), noise(10, 20, 3)])).toThrow(
      'picture 1 of the batch becomes [3, 448, 224], but the first became [3, 224, 224].',
    );
  });
});
