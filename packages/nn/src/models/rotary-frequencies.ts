import { type Expr, ops } from '@polymodal/autograd';
import { configError } from '../model-errors.js';

const kinds = ['default', 'linear', 'dynamic', 'yarn', 'llama3'] as const;
type RotaryKind = (typeof kinds)[number];

/** `rope_scaling` of a published `config.json`: how a model reaches past the length that it was first trained on. */
export interface RotaryScaling {
  /** Older files call it `type`. */
  readonly rope_type?: RotaryKind;
  readonly type?: RotaryKind;
  /** How many times as far; needed by all but 'default'. */
  readonly factor?: number;
  /** The first length; needed by 'llama3', elsewhere max_position_embeddings where it is not given. */
  readonly original_max_position_embeddings?: number;
  /** Turns within the first length below which 'llama3' slows by the factor, and above which it does not. */
  readonly low_freq_factor?: number;
  readonly high_freq_factor?: number;
  /** The same for 'yarn', the other way round; default 1 and 32. */
  readonly beta_slow?: number;
  readonly beta_fast?: number;
  /** What 'yarn' multiplies cosines and sines with; default 0.1 · ln(factor) + 1, or what `mscale` and `mscale_all_dim` make of it. */
  readonly attention_factor?: number;
  readonly mscale?: number;
  readonly mscale_all_dim?: number;
  /** Whether 'yarn' mixes between whole pairs; default true. */
  readonly truncate?: boolean;
}

export interface RotaryOptions {
  /** Of a head. */
  readonly width: number;
  /** `rope_theta` */
  readonly base: number;
  /** `max_position_embeddings` */
  readonly length: number;
  readonly scaling: RotaryScaling;
}

function kindOf({ scaling }: RotaryOptions): RotaryKind {
  const given = scaling.type ?? scaling.rope_type; // transformers' order
  if (given === undefined || !kinds.includes(given))
    throw configError(`the rope_scaling's type is ${JSON.stringify(given)}.`, `What is built here is ${kinds.join(', ')}.`);
  return given;
}

type Field = Exclude<keyof RotaryScaling, 'rope_type' | 'type' | 'truncate'>;

/** A number of the scaling that must be there. */
function needed(scaling: RotaryScaling, field: Field, least = 0): number {
  const value = scaling[field];
  if (typeof value === 'number' && value > 0 && value >= least && value < Number.POSITIVE_INFINITY) return value;
  throw configError(
    `${field} of the rope_scaling is ${JSON.stringify(value)}, but must be a number ${least > 0 ? `from ${least} on` : 'above 0'}.`,
    'Take rope_scaling whole from the config.json.',
  );
}

const given = (scaling: RotaryScaling, field: Field): number | undefined =>
  (scaling[field] ?? undefined) === undefined ? undefined : needed(scaling, field);

interface Frequencies {
  /** Radians per position of each pair of a head. [width / 2] */
  readonly frequencies: Float32Array;
  /** What cosines and sines are multiplied with. */
  readonly amplitude: number;
}

const clamp = (x: number, least: number, most: number): number => Math.min(Math.max(x, least), most);

/** Slow pairs are slowed by the factor, fast ones stay, those between are mixed (Llama 3.1; arXiv 2407.21783). */
function llama3Frequencies(plain: Float64Array, scaling: RotaryScaling): Frequencies {
  const factor = needed(scaling, 'factor', 1);
  const length = needed(scaling, 'original_max_position_embeddings');
  const low = needed(scaling, 'low_freq_factor');
  const high = needed(scaling, 'high_freq_factor');
  if (high <= low)
    throw configError(
      `high_freq_factor is ${high}, not above the low_freq_factor ${low}.`,
      'Take rope_scaling whole from the config.json.',
    );
  const frequencies = plain.map((frequency) => {
    const turns = (length * frequency) / (2 * Math.PI);
    const share = clamp((turns - low) / (high - low), 0, 1);
    return ((1 - share) * frequency) / factor + share * frequency;
  });
  return { frequencies: Float32Array.from(frequencies), amplitude: 1 };
}

/** The same with a ramp over the pairs' numbers, and sharper attention (Peng et al. 2023, arXiv 2309.00071). */
function yarnFrequencies(plain: Float64Array, scaling: RotaryScaling, { width, base, length }: RotaryOptions): Frequencies {
  const factor = needed(scaling, 'factor', 1);
  const first = given(scaling, 'original_max_position_embeddings') ?? length;
  const whole = scaling.truncate ?? true;
  /** The pair that turns so often within the first length. */
  const pairOf = (turns: number) => (width * Math.log(first / (turns * 2 * Math.PI))) / (2 * Math.log(base));
  const [fast, slow] = [pairOf(given(scaling, 'beta_fast') ?? 32), pairOf(given(scaling, 'beta_slow') ?? 1)];
  const start = Math.max(whole ? Math.floor(fast) : fast, 0);
  const end = Math.min(whole ? Math.ceil(slow) : slow, width - 1);
  const frequencies = plain.map((frequency, i) => {
    const share = clamp((i - start) / (end === start ? 0.001 : end - start), 0, 1);
    return (share * frequency) / factor + (1 - share) * frequency;
  });
  const sharper = (scale: number) => 0.1 * scale * Math.log(factor) + 1;
  const [over, under] = [given(scaling, 'mscale'), given(scaling, 'mscale_all_dim')];
  const usual = over === undefined || under === undefined ? sharper(1) : sharper(over) / sharper(under);
  return { frequencies: Float32Array.from(frequencies), amplitude: given(scaling, 'attention_factor') ?? usual };
}

/** base^(−2i / width), slowed as the scaling says, as far as that depends on no sequence. Throws TrainingError `NN_CONFIG`. */
export function rotaryFrequencies(options: RotaryOptions): Frequencies {
  const { width, base, scaling } = options;
  const kind = kindOf(options);
  if (!(base > 0 && base < Number.POSITIVE_INFINITY))
    throw configError(`rope_theta is ${JSON.stringify(base)}.`, 'It is a number above 0, mostly 10,000 or more.');
  const plain = Float64Array.from({ length: width / 2 }, (_, i) => base ** ((-2 * i) / width));
  if (kind === 'llama3') return llama3Frequencies(plain, scaling);
  if (kind === 'yarn') return yarnFrequencies(plain, scaling, options);
  const divisor = kind === 'linear' ? needed(scaling, 'factor', 1) : 1;
  return { frequencies: Float32Array.from(plain, (frequency) => frequency / divisor), amplitude: 1 };
}

/** How far a model reaches: of files that give the first length and a factor, their product. */
export function rotaryReach(options: RotaryOptions): number {
  const { length, scaling } = options;
  const kind = kindOf(options);
  if (kind === 'default' || kind === 'llama3') return length;
  const first = given(scaling, 'original_max_position_embeddings') ?? length;
  return Math.max(length, Math.floor(needed(scaling, 'factor', 1) * first));
}

/**
 * 'dynamic' raises the base with the sequence, once that is longer than `length`: base · stretch^(width / (width − 2)), where stretch is
 * factor · longest / length − (factor − 1). Each row of a batch has its own. [batch, 1, 1, width / 2]
 */
function slowed(positions: Expr, frequencies: Expr, factor: number, { width, length }: RotaryOptions): Expr {
  const longest = ops.add(ops.max(ops.cast(positions, 'float32'), 1, true), 1); // [batch, 1]
  const stretch = ops.sub(ops.mul(ops.maximum(longest, length), factor / length), factor - 1);
  const powers = Float32Array.from({ length: width / 2 }, (_, i) => (i === 0 ? 0 : (-2 * i) / (width - 2)));
  const slowing = ops.exp(ops.mul(ops.log(stretch), ops.constant({ type: 'float32', dims: [powers.length], data: powers })));
  return ops.reshape(ops.mul(slowing, frequencies), [positions.dims[0]!, 1, 1, width / 2]);
}

/** Cosines and sines for positions, int64 [batch, length] → [batch, 1, length, width / 2]. Throws TrainingError `NN_CONFIG`. */
export function rotaryAngles(options: RotaryOptions): (positions: Expr) => ops.RotaryTables {
  const { frequencies: data, amplitude } = rotaryFrequencies(options);
  const { scaling } = options;
  const growing = kindOf(options) === 'dynamic' ? needed(scaling, 'factor', 1) : undefined;
  return (positions) => {
    const [batch, length] = positions.dims;
    const places = ops.reshape(ops.cast(positions, 'float32'), [batch!, 1, length!, 1]);
    const fixed = ops.constant({ type: 'float32', dims: [data.length], data });
    const angles = ops.mul(places, growing === undefined ? fixed : slowed(positions, fixed, growing, options));
    const [cos, sin] = [ops.cos(angles), ops.sin(angles)];
    return amplitude === 1 ? { cos, sin } : { cos: ops.mul(cos, amplitude), sin: ops.mul(sin, amplitude) };
  };
}
