import { readFileSync } from 'node:fs';
import type { TensorLike } from '@polymodal/modality-registry';
import { parseSafetensors } from '@polymodal/nn';
import { type ClipConfig, parseClipConfig } from '../src/index.js';

const folder = new URL('../src/goldens/', import.meta.url);

export interface GoldenArray {
  readonly file: string;
  readonly dtype: 'float32' | 'int32';
  readonly shape: readonly number[];
}

/** A model of openai/CLIP's code with random weights, its inputs and its outputs. */
export interface ClipGolden {
  readonly kind: 'clip';
  readonly name: string;
  readonly config: Readonly<Record<string, number | string>>;
  readonly weights_openai_names: string;
  readonly weights_hf_names?: string;
  readonly image: GoldenArray;
  readonly text: GoldenArray;
  readonly encode_image: GoldenArray;
  readonly encode_text: GoldenArray;
  readonly logits_per_image: GoldenArray;
  readonly softmax_per_image: GoldenArray;
  readonly intermediate: Readonly<Record<string, GoldenArray>>;
  readonly contrastive_loss: number;
  readonly grad_all_weights_openai_names: string;
}

/** open_clip's ClipLoss on raw features. */
export interface LossGolden {
  readonly kind: 'clip_loss';
  readonly image: GoldenArray;
  readonly text: GoldenArray;
  readonly logit_scale: number;
  readonly loss: number;
  readonly grad_image: GoldenArray;
  readonly grad_text: GoldenArray;
  readonly grad_logit_scale: number;
}

const { cases } = JSON.parse(readFileSync(new URL('manifest.json', folder), 'utf8')) as { cases: readonly (ClipGolden | LossGolden)[] };

export const clipGoldens = cases.filter((one) => one.kind === 'clip');
export const lossGoldens = cases.filter((one) => one.kind === 'clip_loss');

/** An array that the originals wrote; ids become int64. */
export function goldenArray({ file, dtype, shape }: GoldenArray): TensorLike {
  const { buffer } = new Uint8Array(readFileSync(new URL(file, folder)));
  if (dtype === 'float32') return { type: 'float32', dims: shape, data: new Float32Array(buffer) };
  return { type: 'int64', dims: shape, data: BigInt64Array.from(new Int32Array(buffer), BigInt) };
}

export function goldenWeights(file: string): Map<string, TensorLike<'float32'>> {
  return parseSafetensors(readFileSync(new URL(file, folder))).tensors as Map<string, TensorLike<'float32'>>;
}

/** The fields of openai/CLIP's constructor as a config.json. */
export function goldenConfig({ config }: ClipGolden): ClipConfig {
  const common = { hidden_act: config.activation, layer_norm_eps: config.ln_eps };
  // 'argmax of token ids', or the id at whose first place the text is read.
  const endId = /\d+/.exec(String(config.eot))?.[0];
  return parseClipConfig({
    model_type: 'clip',
    projection_dim: config.embed_dim,
    text_config: {
      ...common,
      hidden_size: config.transformer_width,
      intermediate_size: 4 * (config.transformer_width as number),
      num_hidden_layers: config.transformer_layers,
      num_attention_heads: config.transformer_heads,
      vocab_size: config.vocab_size,
      max_position_embeddings: config.context_length,
      eos_token_id: endId === undefined ? 2 : Number(endId),
    },
    vision_config: {
      ...common,
      hidden_size: config.vision_width,
      intermediate_size: 4 * (config.vision_width as number),
      num_hidden_layers: config.vision_layers,
      ...(config.vision_heads !== undefined && { num_attention_heads: config.vision_heads }),
      image_size: config.image_resolution,
      patch_size: config.vision_patch_size,
    },
  });
}

/** The largest difference between two lists of numbers. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) throw new Error(`${a.length} numbers against ${b.length}`);
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(a[i]! - b[i]!);
    if (!(difference <= largest)) largest = difference;
  }
  return largest;
}
