import type { PinPoints } from '../anyres/choose-resolution.js';
import type { CropRounding } from '../crop.js';
import { ImageError, shown } from '../errors.js';
import type { Filter } from '../filters.js';
import { defaultsOf, type Traits } from './known.js';

/** A `preprocessor_config.json`, parsed; fields that are absent take the defaults of its processor type, as in Hugging Face transformers. */
export interface PreprocessorConfig {
  readonly image_processor_type?: string;
  readonly feature_extractor_type?: string;
  /** What diffusers' configurations have in place of `image_processor_type`. */
  readonly _class_name?: string;
  readonly do_convert_rgb?: boolean | null;
  readonly do_pad?: boolean | null;
  readonly do_resize?: boolean | null;
  readonly size?: number | ConfigSize | null;
  /** Pillow's number of the filter, or its name, as diffusers writes it. */
  readonly resample?: number | string | null;
  readonly do_center_crop?: boolean | null;
  readonly crop_size?: number | ConfigSize | null;
  readonly do_rescale?: boolean | null;
  readonly rescale_factor?: number | null;
  readonly do_normalize?: boolean | null;
  readonly image_mean?: readonly number[] | number | null;
  readonly image_std?: readonly number[] | number | null;
  /** The resolutions of AnyRes, [height, width] each. */
  readonly image_grid_pinpoints?: readonly (readonly [height: number, width: number])[] | null;
  /** What the sides become multiples of where a VAE's processor has no `size`. */
  readonly vae_scale_factor?: number | null;
  /** To one channel after resizing; `VaeImageProcessor` alone. */
  readonly do_convert_grayscale?: boolean | null;
  /** What is below 0.5 becomes 0 and the rest 1, last of all; `VaeImageProcessor` alone. */
  readonly do_binarize?: boolean | null;
  readonly [field: string]: unknown;
}

export interface ConfigSize {
  readonly shortest_edge?: number;
  readonly height?: number;
  readonly width?: number;
}

/** What a processor does, step by step in this order; an absent step is left out. */
export interface ProcessorSettings {
  readonly type: string;
  readonly convertRgb: boolean;
  /** Whether it is converted to one channel instead. */
  readonly convertGrey?: boolean;
  /** Whether that is done after resizing and cropping instead of before. */
  readonly convertLast?: boolean;
  /** Background of the square that the picture is put on before resizing. */
  readonly padColor?: readonly number[];
  readonly resize?: { readonly to: ResizeTarget; readonly filter: Filter };
  readonly centerCrop?: { readonly width: number; readonly height: number; readonly rounding: CropRounding };
  /** AnyRes: in place of a resize and a crop, an overview and tiles of these resolutions. */
  readonly tiles?: { readonly pinPoints: PinPoints; readonly tileSize: number; readonly filter: Filter };
  /** 1 where the configuration does not rescale. */
  readonly rescaleFactor: number;
  readonly mean?: readonly number[];
  readonly std?: readonly number[];
  /** Whether those were one number each, which stands for any number of channels. */
  readonly sameForAll?: boolean;
  /** Whether every value becomes 0 or 1 after that, by whether it is less than 0.5. */
  readonly binarize?: boolean;
}

export type ResizeTarget =
  | {
      readonly kind: 'shortest-edge';
      readonly edge: number;
      /** Refuse smaller pictures, and round the longer side to the nearest number instead of down, as DALL-E's notebook does. */
      readonly shrinkOnly?: boolean;
    }
  | { readonly kind: 'multiple-of'; readonly factor: number }
  | { readonly kind: 'exact'; readonly width: number; readonly height: number };

/** Pillow's numbers of its filters, which configurations use. */
const pillowFilters: readonly Filter[] = ['nearest', 'lanczos', 'bilinear', 'bicubic', 'box', 'hamming'];

/**
 * Reads a `preprocessor_config.json` into settings.
 *
 * @throws ImageError `IMAGE_PROCESSOR_UNKNOWN` for a type that is not known, listing those that are; `IMAGE_PROCESSOR_CONFIG` for a field of the wrong kind.
 */
export function readConfig(config: PreprocessorConfig): ProcessorSettings {
  if (typeof config !== 'object' || config === null || Array.isArray(config)) {
    throw wrong('the configuration', config, 'the parsed JSON of a preprocessor_config.json');
  }
  const type = config.image_processor_type ?? config.feature_extractor_type ?? config._class_name;
  const { traits, ...defaults } = defaultsOf(type);
  const given = Object.fromEntries(Object.entries(config).filter(([, value]) => value !== undefined && value !== null));
  const fields: PreprocessorConfig = { ...defaults, ...given };

  const rescaleFactor = flag(fields, 'do_rescale') ? number(fields, 'rescale_factor') : 1;
  // In AnyRes' configurations `do_pad` speaks of the batch and not of the picture.
  const squares = flag(fields, 'do_pad') && !traits.anyres;
  const stdChannels = Array.isArray(fields.image_std) ? fields.image_std.length : 3;
  const mean = flag(fields, 'do_normalize') || squares ? statistics(fields, 'image_mean', squares ? 3 : stdChannels) : undefined;
  const { grey, binarize } = maskOf(fields, traits);
  return {
    type: String(type),
    // Where Python would fail on an RGBA or grey picture because the field is unset, converting is what its author meant.
    convertRgb: config.do_convert_rgb !== false && !grey,
    ...(grey && { convertGrey: true }),
    ...(traits.convertLast && { convertLast: true }),
    ...(squares && { padColor: mean!.map((level) => Math.trunc(level * 255)) }),
    ...(traits.anyres ? { tiles: tilesOf(fields) } : resizeAndCrop(fields, traits)),
    rescaleFactor,
    ...(flag(fields, 'do_normalize') && { mean: mean!, std: statistics(fields, 'image_std', mean!.length) }),
    ...(flag(fields, 'do_normalize') && isNumber(fields.image_mean) && isNumber(fields.image_std) && { sameForAll: true }),
    ...(binarize && { binarize }),
  };
}

/** The steps of masks, refused where the processor has none: left out, they would give other values without a word. */
function maskOf(fields: PreprocessorConfig, { masks = false }: Traits): { readonly grey: boolean; readonly binarize: boolean } {
  const [grey, binarize] = ['do_convert_grayscale', 'do_binarize'].map((name) => {
    if (flag(fields, name) && !masks) throw wrong(name, true, 'false for a processor other than VaeImageProcessor');
    return flag(fields, name);
  }) as [boolean, boolean];
  if (grey && fields.do_convert_rgb === true) throw wrong('do_convert_grayscale', true, 'false beside do_convert_rgb: true');
  return { grey, binarize };
}

function resizeAndCrop(fields: PreprocessorConfig, traits: Traits): Pick<ProcessorSettings, 'resize' | 'centerCrop'> {
  return {
    ...(flag(fields, 'do_resize') && { resize: { to: resizeTarget(fields, traits), filter: filter(fields.resample) } }),
    ...(flag(fields, 'do_center_crop') && { centerCrop: { ...cropSize(fields.crop_size), rounding: traits.cropRounding ?? 'hf' } }),
  };
}

/** AnyRes makes tiles of the crop's size and an overview of the resize's: they must be one, or the tiles would not fit into a batch. */
function tilesOf(fields: PreprocessorConfig): NonNullable<ProcessorSettings['tiles']> {
  const { width, height } = cropSize(fields.crop_size);
  const { size } = fields;
  const sides: readonly unknown[] = typeof size === 'object' ? Object.values(size ?? {}) : [size];
  if (width !== height || sides.some((side) => side !== width)) {
    throw wrong('crop_size', fields.crop_size, `for AnyRes a square of the size, ${shown(JSON.stringify(size))},`);
  }
  const pairs: unknown = fields.image_grid_pinpoints;
  const isPair = (pair: unknown): pair is [number, number] => Array.isArray(pair) && pair.length === 2 && pair.every(isLength);
  if (!Array.isArray(pairs) || pairs.length === 0 || !pairs.every(isPair)) {
    throw wrong('image_grid_pinpoints', pairs, 'a list of [height, width] in pixels');
  }
  if (pairs.flat().some((side: number) => side % width !== 0)) {
    throw wrong('image_grid_pinpoints', pairs, `multiples of the crop size, ${width},`);
  }
  return { pinPoints: pairs.map(([h, w]: [number, number]) => [w, h] as const), tileSize: width, filter: filter(fields.resample) };
}

function flag(fields: PreprocessorConfig, name: string): boolean {
  const value = fields[name] ?? false;
  if (typeof value !== 'boolean') throw wrong(name, value, 'true or false');
  return value;
}

function number(fields: PreprocessorConfig, name: string): number {
  const value = fields[name];
  if (isNumber(value)) return value;
  throw wrong(name, value, 'a finite number');
}

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);

/** A bare number stands for as many channels as it is said to. */
function statistics(fields: PreprocessorConfig, name: string, channels: number): readonly number[] {
  const value = fields[name];
  if (isNumber(value)) return Array<number>(channels).fill(value);
  const list: readonly unknown[] = Array.isArray(value) ? value : [];
  if (list.length > 0 && list.length <= 4 && list.every(isNumber)) return list;
  throw wrong(name, value, 'one finite number for each channel');
}

function filter(resample: unknown): Filter {
  // diffusers' names are these and one more.
  const name = resample === 'linear' ? 'bilinear' : resample;
  const found = pillowFilters.find((known, i) => name === known || name === i);
  if (found) return found;
  throw wrong(
    'resample',
    resample,
    `Pillow's number of a filter or its name (${pillowFilters.map((known, i) => `${i} ${known}`).join(', ')})`,
  );
}

const isLength = (value: unknown): value is number => typeof value === 'number' && Number.isSafeInteger(value) && value > 0;

/** A bare number is the shortest edge in CLIP's configurations, a square in ViT's. */
function resizeTarget(fields: PreprocessorConfig, { squareSize, shrinkOnly }: Traits): ResizeTarget {
  const { size, vae_scale_factor: factor } = fields;
  const shortest = (edge: number) => ({ kind: 'shortest-edge' as const, edge, ...(shrinkOnly && { shrinkOnly }) });
  if (size === undefined && isLength(factor)) return { kind: 'multiple-of', factor };
  if (isLength(size)) return squareSize ? { kind: 'exact', width: size, height: size } : shortest(size);
  const { shortest_edge: edge, height, width } = (size ?? {}) as ConfigSize;
  if (isLength(height) && isLength(width)) return { kind: 'exact', width, height };
  if (isLength(edge)) return shortest(edge);
  throw wrong('size', size, 'a positive integer, { shortest_edge } or { height, width }');
}

function cropSize(size: unknown): { readonly width: number; readonly height: number } {
  if (isLength(size)) return { width: size, height: size };
  const { height, width } = (size ?? {}) as ConfigSize;
  if (isLength(height) && isLength(width)) return { width, height };
  throw wrong('crop_size', size, 'a positive integer or { height, width }');
}

function wrong(field: string, value: unknown, expected: string): ImageError {
  return new ImageError({
    code: 'IMAGE_PROCESSOR_CONFIG',
    message: `${field} is ${shown(typeof value === 'object' ? JSON.stringify(value) : value)}, but ${expected} was expected.`,
    fix: 'Compare with the preprocessor_config.json of the published model.',
  });
}
