import { type Expr, ops } from '@polymodal/autograd';

/** `rope_scaling` of a published `config.json`: how a model reaches past the length that it was first trained on. */
export type RotaryScaling =
  | { readonly rope_type: 'default' }
  | { readonly rope_type: 'linear'; readonly factor: number }
  | {
      readonly rope_type: 'llama3';
      readonly factor: number;
      readonly low_freq_factor: number;
      readonly high_freq_factor: number;
      readonly original_max_position_embeddings: number;
    };

/** Turns per 2π positions of each pair of a head: base^(−2i / width), slowed as the scaling says. [width / 2] */
export function rotaryFrequencies(width: number, base: number, scaling: RotaryScaling = { rope_type: 'default' }): Float32Array {
  const plain = Float32Array.from({ length: width / 2 }, (_, i) => 1 / base ** ((2 * i) / width));
  if (scaling.rope_type === 'default') return plain;
  const { factor } = scaling;
  if (scaling.rope_type === 'linear') return plain.map((frequency) => frequency / factor);
  const { low_freq_factor: low, high_freq_factor: high, original_max_position_embeddings: length } = scaling;
  return plain.map((frequency) => {
    // How often the pair turns within the first length: fast ones stay, slow ones are slowed, those between are mixed.
    const turns = (length * frequency) / (2 * Math.PI);
    const share = Math.min(Math.max((turns - low) / (high - low), 0), 1);
    return ((1 - share) * frequency) / factor + share * frequency;
  });
}

/** Cosines and sines for positions, int64 [batch, length]. → [batch, 1, length, width / 2] */
export function rotaryAngles(positions: Expr, frequencies: Float32Array): ops.RotaryTables {
  const [batch, length] = positions.dims;
  const places = ops.reshape(ops.cast(positions, 'float32'), [batch!, 1, length!, 1]);
  const angles = ops.mul(places, ops.constant({ type: 'float32', dims: [frequencies.length], data: frequencies }));
  return { cos: ops.cos(angles), sin: ops.sin(angles) };
}
