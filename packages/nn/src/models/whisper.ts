import { type Expr, ops } from '@polymodal/autograd';
import { checkHeads, mergeHeads, splitHeads } from '../attention.js';
import { convolution } from '../convolution.js';
import { dropout } from '../dropout.js';
import { normal } from '../initialize.js';
import { type ActivationName, activationOf, embedding, layerNorm, linear, moduleList } from '../layers.js';
import type { Adapt } from '../lora.js';
import { inputError } from '../model-errors.js';
import { buffer, type Layer, layer, type Module } from '../module.js';
import { checkSizes, refuseOthers } from './config-checks.js';
import {
  type CausalDecoder,
  causalDecoder,
  checkLength,
  decodeWhole,
  type EncoderDecoder,
  extendPast,
  type KeyValues,
  type Memory,
} from './decoder.js';

/** The fields of a published `config.json`. */
export interface WhisperConfig {
  readonly vocab_size: number;
  readonly num_mel_bins: number;
  readonly d_model: number;
  readonly encoder_layers: number;
  readonly encoder_attention_heads: number;
  readonly decoder_layers: number;
  readonly decoder_attention_heads: number;
  readonly encoder_ffn_dim: number;
  readonly decoder_ffn_dim: number;
  /** Frames after the strided convolution; the input has twice as many. */
  readonly max_source_positions: number;
  readonly max_target_positions: number;
  /** Default 'gelu', the exact form. */
  readonly activation_function?: ActivationName;
  /** The share of embeddings, and of what each part of a block adds, that training drops; default 0, as of the other two. */
  readonly dropout?: number;
  /** Of attention's weights. */
  readonly attention_dropout?: number;
  /** Of what the activation gives. */
  readonly activation_dropout?: number;
}

export interface Whisper extends Layer<[mel: Expr, ids: Expr]>, EncoderDecoder {
  /** Log-mel features [batch, bins, frames] → [batch, frames / 2, width] */
  encode(mel: Expr): Expr;
}

const sizes = [
  ...['vocab_size', 'num_mel_bins', 'd_model', 'encoder_layers', 'encoder_attention_heads', 'decoder_layers', 'decoder_attention_heads'],
  ...['encoder_ffn_dim', 'decoder_ffn_dim', 'max_source_positions', 'max_target_positions'],
];

/** Sines, then cosines, of wavelengths from 2π to 20,000π. [length, width] */
export function sinusoids(length: number, width: number): Float32Array {
  const half = width / 2;
  const step = Math.log(10_000) / (half - 1);
  return Float32Array.from({ length: length * width }, (_, at) => {
    const angle = Math.floor(at / width) * Math.exp(-step * (at % half));
    return at % width < half ? Math.sin(angle) : Math.cos(angle);
  });
}

interface Attention extends Module {
  queries(x: Expr): Expr;
  memory(x: Expr): KeyValues;
  output(q: Expr, memory: KeyValues, mask?: Expr): Expr;
}

/** Attention whose keys have no bias. */
function attention({ d_model: width, attention_dropout = 0 }: WhisperConfig, heads: number, name: string, adapt: Adapt): Attention {
  const project = (part: string, bias = true) => adapt(linear(width, width, { bias }), `${name}.${part}`);
  const [q_proj, k_proj, v_proj, out_proj] = [project('q_proj'), project('k_proj', false), project('v_proj'), project('out_proj')];
  const weights = dropout(attention_dropout);
  return {
    tree: { q_proj, k_proj, v_proj, out_proj },
    queries: (x) => splitHeads(q_proj(x), heads), // [batch, heads, length, d]
    memory: (x) => ({ keys: splitHeads(k_proj(x), heads), values: splitHeads(v_proj(x), heads) }),
    output: (q, { keys, values }, mask) => out_proj(mergeHeads(ops.attention(q, keys, values, { weights, ...(mask && { bias: mask }) }))),
  };
}

interface BlockInputs {
  /** Absent in the encoder, which looks everywhere. */
  readonly mask?: Expr;
  readonly past?: KeyValues;
  readonly memory?: KeyValues;
}

type Block = Layer<[x: Expr, inputs: BlockInputs], { readonly y: Expr; readonly present: KeyValues }>;

/** A block of the decoder, which also reads the encoder's output. */
interface Writer extends Block {
  /** Keys and values of an encoder's output. */
  remember(encoded: Expr): KeyValues;
}

interface Stack {
  readonly name: string;
  readonly heads: number;
  readonly hidden: number;
  readonly adapt: Adapt;
}

function blockOf(config: WhisperConfig, { name, heads, hidden, adapt }: Stack, encoder_attn?: Attention): Block {
  const { d_model: width, activation_function = 'gelu' } = config;
  const activation = activationOf(activation_function);
  const [self_attn, self_attn_layer_norm] = [attention(config, heads, `${name}.self_attn`, adapt), layerNorm(width)];
  const encoder_attn_layer_norm = layerNorm(width);
  const [fc1, fc2] = [adapt(linear(width, hidden), `${name}.fc1`), adapt(linear(hidden, width), `${name}.fc2`)];
  const final_layer_norm = layerNorm(width);
  const [drop, dropInner] = [dropout(config.dropout ?? 0), dropout(config.activation_dropout ?? 0)];
  const across = encoder_attn && { encoder_attn, encoder_attn_layer_norm };
  const tree = { self_attn, self_attn_layer_norm, ...across, fc1, fc2, final_layer_norm };
  return layer(tree, (x: Expr, { mask, past, memory }: BlockInputs) => {
    const normed = self_attn_layer_norm(x); // [batch, length, width]
    const own = self_attn.memory(normed);
    const present = mask === undefined ? own : extendPast(past, own, mask.dims.at(-1)!);
    let y = ops.add(x, drop(self_attn.output(self_attn.queries(normed), present, mask)));
    if (encoder_attn !== undefined && memory !== undefined)
      y = ops.add(y, drop(encoder_attn.output(encoder_attn.queries(encoder_attn_layer_norm(y)), memory)));
    return { y: ops.add(y, drop(fc2(dropInner(activation(fc1(final_layer_norm(y))))))), present };
  });
}

function writerOf(config: WhisperConfig, stack: Stack): Writer {
  const encoder_attn = attention(config, stack.heads, `${stack.name}.encoder_attn`, stack.adapt);
  return Object.assign(blockOf(config, stack, encoder_attn), { remember: encoder_attn.memory });
}

/**
 * Whisper (Radford et al. 2022, arXiv 2212.04356): log-mel features [batch, bins, 2 · source positions] and ids, int64 [batch, length], →
 * logits [batch, length, vocabulary]. Parameters have the names of Hugging Face's WhisperForConditionalGeneration (`whisperNames` renames
 * OpenAI's): `model.encoder.conv1.weight` [width, bins, 3], `model.encoder.embed_positions.weight` (sinusoids, which are not trained),
 * `model.encoder.layers.0.self_attn.q_proj.weight`, `model.decoder.layers.0.encoder_attn.k_proj.weight` …, and
 * `model.decoder.embed_tokens.weight`, which the output shares. `adapt` may change the linear layers of the blocks.
 * Throws TrainingError: `NN_CONFIG` for fields that are missing or ask for what is not built here, `NN_HEADS`, and `NN_INPUT` for a
 * sound or a text that is too long.
 */
export function whisper(config: WhisperConfig, { adapt = (layer) => layer }: { readonly adapt?: Adapt } = {}): Whisper {
  checkSizes('whisper', config, sizes);
  refuseOthers('whisper', config, { model_type: ['whisper'], scale_embedding: [false] });
  const { d_model: width, vocab_size, max_source_positions: source } = config;
  const { decoder_attention_heads: heads, max_target_positions: target } = config;
  checkHeads(width, config.encoder_attention_heads);
  checkHeads(width, heads);
  const conv1 = convolution(config.num_mel_bins, width, { kernel: [3], padding: 1 });
  const conv2 = convolution(width, width, { kernel: [3], padding: 1, stride: 2 });
  const places = buffer([source, width], () => sinusoids(source, width));
  const readers = Array.from({ length: config.encoder_layers }, (_, i) => {
    const { encoder_attention_heads, encoder_ffn_dim: hidden } = config;
    return blockOf(config, { name: `model.encoder.layers.${i}`, heads: encoder_attention_heads, hidden, adapt });
  });
  const writers = Array.from({ length: config.decoder_layers }, (_, i) =>
    writerOf(config, { name: `model.decoder.layers.${i}`, heads, hidden: config.decoder_ffn_dim, adapt }),
  );
  const drop = dropout(config.dropout ?? 0);
  const encoderNorm = layerNorm(width);
  const embed_tokens = embedding(vocab_size, width);
  const embed_positions = embedding(target, width, { weightInitializer: normal(0.01) });
  const decoderNorm = layerNorm(width);
  const encoderTree = { conv1, conv2, embed_positions: { tree: { weight: places } }, layers: moduleList(readers), layer_norm: encoderNorm };
  const decoderTree = { embed_tokens, embed_positions, layers: moduleList(writers), layer_norm: decoderNorm };
  const tree = { model: { tree: { encoder: { tree: encoderTree }, decoder: { tree: decoderTree } } }, proj_out: embed_tokens };
  const files = { prefix: 'model.' };

  const encode = (mel: Expr): Expr => {
    const frames = ops.transpose(ops.gelu(conv2(ops.gelu(conv1(mel))))); // [batch, frames / 2, width]
    const length = frames.dims[1]!;
    if (typeof length === 'number' && length > source)
      throw inputError(`whisper: ${mel.dims[2]} frames, but at most ${2 * source} are read at once.`, 'Cut the sound into pieces.');
    const embedded = ops.add(frames, ops.slice(places, 0, 0, length));
    return encoderNorm(readers.reduce((x, one) => one(x, {}).y, drop(embedded)));
  };
  const remember = (encoded: Expr): Memory => ({ layers: writers.map((one) => one.remember(encoded)) });
  const decoder: CausalDecoder = causalDecoder({
    tree,
    files,
    shape: {
      vocabularySize: vocab_size,
      contextLength: target,
      layers: config.decoder_layers,
      keyHeads: heads,
      headWidth: width / heads,
      memory: 'whole',
    },
    embed: embed_tokens,
    decode({ embedded, positions, mask, past, memory }) {
      checkLength('whisper', positions, target);
      let x = drop(ops.add(embedded, embed_positions(positions))); // [batch, length, width]
      const present = writers.map((one, i) => {
        const { y, present: own } = one(x, { mask, ...(past && { past: past[i]! }), ...(memory && { memory: memory.layers[i]! }) });
        x = y;
        return own;
      });
      return { hidden: decoderNorm(x), present };
    },
    head: (hidden) => ops.linear(hidden, embed_tokens.tree.weight as Expr),
  });
  const forward = (mel: Expr, ids: Expr): Expr => decodeWhole(decoder, ids, remember(encode(mel)));
  return Object.assign(layer(tree, forward), {
    files,
    decoder,
    encode,
    inputs: { input_features: { type: 'float32' as const, dims: ['batch', config.num_mel_bins, 2 * source] } },
    remember: (inputs: Readonly<Record<string, Expr>>) => remember(encode(inputs.input_features!)),
  });
}
