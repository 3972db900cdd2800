import { crop } from '../crop.js';
import { checkChoice, checkOptions } from '../errors.js';
import { type Filter, filterNames } from '../filters.js';
import { allocatePixels, checkImage, checkSize } from '../image.js';
import { orient } from '../orient.js';
import { checkColor, type Fill } from '../pad.js';
import { resize } from '../resize.js';
import { type AffineOptions, affine } from './affine.js';
import type { Augmentation } from './augment.js';
import { checkAmount, checkPair, checkProbability, checkRange } from './check-options.js';
import { adjustBrightness, adjustContrast, adjustSaturation, toGreyChannels } from './color.js';
import { between } from './draw.js';
import { adjustHue } from './hue.js';
import { centralRectangle, type Range, sampleRectangle } from './sample-rectangle.js';

export interface RandomResizedCropOptions {
  readonly width: number;
  readonly height: number;
  /** The share of the area that is kept; default [0.08, 1]. */
  readonly scale?: Range;
  /** Width ÷ height of what is kept; default [3/4, 4/3]. */
  readonly ratio?: Range;
  /** Default `bilinear`. */
  readonly filter?: Filter;
}

/** A part of random size and shape, resized (Szegedy et al. 2014, arXiv 1409.4842; torchvision's `RandomResizedCrop`). @throws ImageError `IMAGE_AUGMENT`, `IMAGE_DIMENSIONS`, `IMAGE_FILTER`, `IMAGE_OPTIONS`. */
export function randomResizedCrop(options: RandomResizedCropOptions): Augmentation {
  const { width, height, scale = [0.08, 1], ratio = [3 / 4, 4 / 3], filter = 'bilinear' } = checkOptions(options, '{ width, height }');
  checkSize('target width', width);
  checkSize('target height', height);
  checkRange('scale', scale, 0, 1);
  checkRange('ratio', ratio, 1e-6);
  checkChoice('filter', filter, filterNames, 'IMAGE_FILTER');
  return (image, random) => {
    const part = sampleRectangle(image, scale, ratio, random) ?? centralRectangle(image, ratio);
    return resize(crop(image, part), { width, height, filter });
  };
}

/** Left and right exchanged, with a probability of 1/2 if none is given; otherwise the picture is given back, not copied. @throws ImageError `IMAGE_AUGMENT`. */
export function horizontalFlip(probability = 0.5): Augmentation {
  checkProbability(probability);
  return (image, random) => (random.uniform() < probability ? orient(image, 2) : image);
}

export interface RandomAffineOptions {
  /** The largest rotation, either way; default 0. */
  readonly degrees?: number;
  /** The largest move, either way, as a share of the width and of the height; default none. */
  readonly translate?: readonly [x: number, y: number];
  /** Default [1, 1]. */
  readonly scale?: Range;
  /** The largest shear along x, either way, in degrees; default 0. */
  readonly shear?: number;
  /** Default 0. */
  readonly fill?: Fill;
}

/** Rotates, moves, scales and shears about the centre, as torchvision's `RandomAffine`, bilinear. @throws ImageError `IMAGE_AUGMENT`, `IMAGE_OPTIONS`. */
export function randomAffine(options: RandomAffineOptions): Augmentation {
  const {
    degrees = 0,
    translate = [0, 0],
    scale = [1, 1],
    shear = 0,
    fill = 0,
  } = checkOptions(options, '{ degrees, translate, scale, shear }');
  checkAmount('degrees', degrees);
  checkPair('translate', translate);
  for (const share of translate) checkAmount('translate', share, 1);
  checkRange('scale', scale, 1e-6);
  checkAmount('shear', shear, 89);
  return (image, random) => {
    const move = (share: number, side: number) => Math.round(between(random, -share * side, share * side));
    const drawn: AffineOptions = {
      angle: between(random, -degrees, degrees),
      translate: [move(translate[0], image.width), move(translate[1], image.height)],
      scale: between(random, ...scale),
      shear: [between(random, -shear, shear), 0],
      fill,
    };
    return affine(image, drawn);
  };
}

export interface ColorJitterOptions {
  /** Factors are drawn from [1 - brightness, 1 + brightness], not below 0; likewise contrast and saturation. Default 0, no change. */
  readonly brightness?: number;
  readonly contrast?: number;
  readonly saturation?: number;
  /** The largest turn of the hue, either way, in parts of the circle; at most 0.5. Default 0. */
  readonly hue?: number;
}

/** Brightness, contrast, saturation and hue changed by random amounts in random order, as torchvision's `ColorJitter`. @throws ImageError `IMAGE_AUGMENT`, `IMAGE_OPTIONS`. */
export function colorJitter(options: ColorJitterOptions): Augmentation {
  const { brightness = 0, contrast = 0, saturation = 0, hue = 0 } = checkOptions(options, '{ brightness, contrast, saturation, hue }');
  for (const [name, amount] of Object.entries({ brightness, contrast, saturation })) checkAmount(name, amount);
  checkAmount('hue', hue, 0.5);
  return (image, random) => {
    const factor = (amount: number) => between(random, Math.max(0, 1 - amount), 1 + amount);
    const changes = [
      [brightness, adjustBrightness, factor(brightness)],
      [contrast, adjustContrast, factor(contrast)],
      [saturation, adjustSaturation, factor(saturation)],
      [hue, adjustHue, between(random, -hue, hue)],
    ] as const;
    const order = [0, 1, 2, 3];
    for (let last = 3; last > 0; last--) {
      const other = random.integer(last + 1);
      [order[last], order[other]] = [order[other]!, order[last]!];
    }
    return order.reduce((current, i) => {
      const [amount, change, by] = changes[i]!;
      return amount === 0 ? current : change(current, by);
    }, image);
  };
}

/** Grey in all channels, with a probability of 0.1 if none is given. @throws ImageError `IMAGE_AUGMENT`. */
export function randomGrey(probability = 0.1): Augmentation {
  checkProbability(probability);
  return (image, random) => (random.uniform() < probability ? toGreyChannels(image) : image);
}

export interface RandomEraseOptions {
  /** Default 0.5. */
  readonly probability?: number;
  /** The share of the area that is erased; default [0.02, 0.33]. */
  readonly scale?: Range;
  /** Width ÷ height of what is erased; default [0.3, 3.3]. */
  readonly ratio?: Range;
  /** Default 0. */
  readonly fill?: Fill;
}

/** Covers a random rectangle with one colour (Zhong et al. 2017, arXiv 1708.04896; torchvision's `RandomErasing`); where nothing is drawn, the picture is given back, not copied. @throws ImageError `IMAGE_AUGMENT`, `IMAGE_OPTIONS`. */
export function randomErase(options: RandomEraseOptions = {}): Augmentation {
  const { probability = 0.5, scale = [0.02, 0.33], ratio = [0.3, 3.3], fill = 0 } = checkOptions(options);
  checkProbability(probability);
  checkRange('scale', scale, 0, 1);
  checkRange('ratio', ratio, 1e-6);
  return (image, random) => {
    const { data, width, height, channels } = checkImage(image);
    const color = checkColor(fill, channels);
    const drawn = random.uniform() < probability;
    const hole = drawn ? sampleRectangle({ width, height }, scale, ratio, random) : undefined;
    if (!hole) return image;
    const out = allocatePixels(width, height, channels);
    out.set(data);
    for (let y = hole.top; y < hole.top + hole.height; y++) {
      for (let x = hole.left; x < hole.left + hole.width; x++) out.set(color, (y * width + x) * channels);
    }
    return { data: out, width, height, channels };
  };
}
