import { type Expr, type Initializer, ops } from '@polymodal/autograd';
import { mergeHeads, splitHeads } from '../attention.js';
import { dropout } from '../dropout.js';
import { normal } from '../initialize.js';
import { type ActivationName, activationOf, embedding, linear, moduleList, rmsNorm } from '../layers.js';
import type { Adapt } from '../lora.js';
import { type Layer, layer, type Module } from '../module.js';
import { checkSizes, refuseOthers } from './config-checks.js';
import {
  type CausalDecoder,
  causalDecoder,
  decodeWhole,
  type EncoderDecoder,
  extendPast,
  type KeyValues,
  type Memory,
  paddingMask,
  placesOf,
} from './decoder.js';

/** The fields of a published `config.json`. */
export interface T5Config {
  readonly vocab_size: number;
  readonly d_model: number;
  /** Width of a head. */
  readonly d_kv: number;
  readonly d_ff: number;
  readonly num_heads: number;
  readonly num_layers: number;
  /** Default: num_layers. */
  readonly num_decoder_layers?: number;
  /** Default 32. */
  readonly relative_attention_num_buckets?: number;
  /** Default 128. */
  readonly relative_attention_max_distance?: number;
  /** Default 'relu'; version 1.1 and Flan have 'gated-gelu' (the tanh form), their gate times another projection. */
  readonly feed_forward_proj?: ActivationName | `gated-${ActivationName}`;
  /** The share that training drops of embeddings, attention's weights, hidden values and what each part adds; default 0.1. */
  readonly dropout_rate?: number;
  /** Default 1e-6. */
  readonly layer_norm_epsilon?: number;
  /** Default true; version 1.1 and Flan: false. */
  readonly tie_word_embeddings?: boolean;
  /** The longest text that is written; the model itself knows no limit. Default 512. */
  readonly n_positions?: number;
}

export interface T5 extends Layer<[source: Expr, sourceMask: Expr, ids: Expr]>, EncoderDecoder {
  /** Ids and mask (1 where there is a token), int64 [batch, source] → [batch, source, width] */
  encode(source: Expr, sourceMask: Expr): Expr;
}

/** Bias of scores by distance, learned per bucket and head. Positions are int64 [batch, length]; → [batch, heads, queries, keys] */
export function relativeBias(table: Expr, positions: Expr, keyPositions: Expr, bidirectional: boolean, maxDistance: number): Expr {
  const buckets = ops.relativeBuckets({
    queries: 1,
    keys: 2 * maxDistance + 1,
    offset: maxDistance,
    buckets: table.dims[0] as number,
    maxDistance,
    bidirectional,
  });
  const byDistance = ops.gather(table, ops.reshape(buckets, [2 * maxDistance + 1])); // from −maxDistance to maxDistance; beyond, nothing changes
  const distances = ops.sub(ops.expandDims(keyPositions, 1), ops.expandDims(positions, 2)); // [batch, queries, keys]
  const places = ops.add(ops.minimum(ops.maximum(distances, -maxDistance), maxDistance), maxDistance);
  return ops.transpose(ops.gather(byDistance, places), [0, 3, 1, 2]);
}

interface Attention extends Module {
  queries(x: Expr): Expr;
  memory(x: Expr): KeyValues;
  output(q: Expr, memory: KeyValues, bias: Expr | undefined): Expr;
  readonly table: Expr | undefined;
}

const matrix = (inputs: number, outputs: number, weightInitializer: Initializer): Layer =>
  linear(inputs, outputs, { bias: false, weightInitializer });
const dropOf = ({ dropout_rate = 0.1 }: T5Config): Layer => dropout(dropout_rate);

/** Attention without scaling and biases; the first of a stack holds the table of relative positions. */
function attention(config: T5Config, name: string, adapt: Adapt, first = false): Attention {
  const { d_model: width, d_kv, num_heads: heads, relative_attention_num_buckets: buckets = 32 } = config;
  const inner = heads * d_kv;
  const q = adapt(matrix(width, inner, normal((width * d_kv) ** -0.5)), `${name}.q`);
  const [k, v] = ['k', 'v'].map((part) => adapt(matrix(width, inner, normal(width ** -0.5)), `${name}.${part}`)) as [Layer, Layer];
  const o = adapt(matrix(inner, width, normal(inner ** -0.5)), `${name}.o`);
  const weights = dropOf(config);
  const table = first ? ops.parameter([buckets, heads], normal(width ** -0.5)) : undefined;
  return {
    tree: { q, k, v, o, ...(table && { relative_attention_bias: { tree: { weight: table } } }) },
    queries: (x) => splitHeads(q(x), heads), // [batch, heads, length, d]
    memory: (x) => ({ keys: splitHeads(k(x), heads), values: splitHeads(v(x), heads) }),
    output: (queries, { keys, values }, bias) =>
      o(mergeHeads(ops.attention(queries, keys, values, { scale: 1, weights, ...(bias && { bias }) }))),
    table,
  };
}

function feedForward(config: T5Config, name: string, adapt: Adapt): Layer {
  const { d_model: width, d_ff: hidden, feed_forward_proj: kind = 'relu' } = config;
  const wo = adapt(matrix(hidden, width, normal(hidden ** -0.5)), `${name}.wo`);
  const read = (part: string) => adapt(matrix(width, hidden, normal(width ** -0.5)), `${name}.${part}`);
  const drop = dropOf(config);
  const gate = /^gated-(.*)$/.exec(kind)?.[1];
  if (gate === undefined) {
    const [wi, activation] = [read('wi'), activationOf(kind as ActivationName)];
    return layer({ wi, wo }, (x: Expr) => wo(drop(activation(wi(x)))));
  }
  const [wi_0, wi_1] = [read('wi_0'), read('wi_1')];
  const activation = activationOf(gate === 'gelu' ? 'gelu_new' : (gate as ActivationName));
  return layer({ wi_0, wi_1, wo }, (x: Expr) => wo(drop(ops.mul(activation(wi_0(x)), wi_1(x)))));
}

interface BlockInputs {
  /** Added to the scores within the sequence. */
  readonly bias: Expr;
  readonly past?: KeyValues;
  readonly memory?: KeyValues;
  readonly memoryMask?: Expr;
}

interface Block extends Layer<[x: Expr, inputs: BlockInputs], { readonly y: Expr; readonly present: KeyValues }> {
  readonly table: Expr | undefined;
}

/** A block of the decoder, which also reads the encoder's output. */
interface Writer extends Block {
  remember(encoded: Expr): KeyValues;
}

interface Place {
  readonly name: string;
  readonly first: boolean;
  readonly adapt: Adapt;
}

function blockOf(config: T5Config, { name, first, adapt }: Place, EncDecAttention?: Attention): Block {
  const norm = () => rmsNorm(config.d_model, { epsilon: config.layer_norm_epsilon ?? 1e-6 });
  const [own, across, last] = [norm(), norm(), norm()];
  const SelfAttention = attention(config, `${name}.layer.0.SelfAttention`, adapt, first);
  const parts: Module[] = [{ tree: { SelfAttention, layer_norm: own } }];
  if (EncDecAttention !== undefined) parts.push({ tree: { EncDecAttention, layer_norm: across } });
  const DenseReluDense = feedForward(config, `${name}.layer.${parts.length}.DenseReluDense`, adapt);
  parts.push({ tree: { DenseReluDense, layer_norm: last } });
  const drop = dropOf(config);
  const forward = (x: Expr, { bias, past, memory, memoryMask }: BlockInputs) => {
    const normed = own(x); // [batch, length, width]
    const present = extendPast(past, SelfAttention.memory(normed), bias.dims.at(-1)!);
    let y = ops.add(x, drop(SelfAttention.output(SelfAttention.queries(normed), present, bias)));
    if (EncDecAttention !== undefined && memory !== undefined)
      y = ops.add(y, drop(EncDecAttention.output(EncDecAttention.queries(across(y)), memory, memoryMask)));
    return { y: ops.add(y, drop(DenseReluDense(last(y)))), present };
  };
  return Object.assign(layer({ layer: moduleList(parts) }, forward), { table: SelfAttention.table });
}

function writerOf(config: T5Config, place: Place): Writer {
  const across = attention(config, `${place.name}.layer.1.EncDecAttention`, place.adapt);
  // Older files of version 1.0 hold a table that the original has not.
  const EncDecAttention = { ...across, ...(place.first && { files: { ignored: ['relative_attention_bias.weight'] } }) };
  return Object.assign(blockOf(config, place, EncDecAttention), { remember: EncDecAttention.memory });
}

/**
 * T5 (Raffel et al. 2019, arXiv 1910.10683), version 1.1 and Flan too: ids and mask of the source, int64 [batch, source], and ids, int64 [batch,
 * length], → logits [batch, length, vocabulary]. Parameters have the names of Hugging Face's T5ForConditionalGeneration: `shared.weight`,
 * `encoder.block.0.layer.0.SelfAttention.q.weight` [heads · d, width], `….relative_attention_bias.weight` [buckets, heads] in the first block
 * of each stack, `decoder.block.0.layer.1.EncDecAttention.k.weight`, `….DenseReluDense.wi.weight` …, `lm_head.weight` unless it is tied. `adapt` may
 * change the linear layers of the blocks. Throws TrainingError `NN_CONFIG` for fields that are missing or ask for what is not built here.
 */
export function t5(config: T5Config, { adapt = (layer) => layer }: { readonly adapt?: Adapt } = {}): T5 {
  checkSizes('t5', config, ['vocab_size', 'd_model', 'd_kv', 'd_ff', 'num_heads', 'num_layers'], ['num_decoder_layers', 'n_positions']);
  refuseOthers('t5', config, { model_type: ['t5', 'mt5'] });
  const { d_model: width, vocab_size, num_layers, num_decoder_layers = num_layers, tie_word_embeddings = true } = config;
  const { layer_norm_epsilon: epsilon = 1e-6, relative_attention_max_distance: maxDistance = 128, num_heads: keyHeads, d_kv } = config;
  const shared = embedding(vocab_size, width, { weightInitializer: normal(1) });
  const place = (stack: string, i: number): Place => ({ name: `${stack}.block.${i}`, first: i === 0, adapt });
  const readers = Array.from({ length: num_layers }, (_, i) => blockOf(config, place('encoder', i)));
  const writers = Array.from({ length: num_decoder_layers }, (_, i) => writerOf(config, place('decoder', i)));
  const drop = dropOf(config);
  const [encoderNorm, decoderNorm] = [rmsNorm(width, { epsilon }), rmsNorm(width, { epsilon })];
  const lm_head = tie_word_embeddings ? undefined : matrix(width, vocab_size, normal(1));
  const tree = {
    shared,
    encoder: { tree: { embed_tokens: shared, block: moduleList(readers), final_layer_norm: encoderNorm } },
    decoder: { tree: { embed_tokens: shared, block: moduleList(writers), final_layer_norm: decoderNorm } },
    lm_head: lm_head ?? shared,
  };
  const encode = (source: Expr, sourceMask: Expr): Expr => {
    const places = placesOf(source);
    const bias = ops.add(relativeBias(readers[0]!.table!, places, places, true, maxDistance), paddingMask(sourceMask));
    return drop(encoderNorm(readers.reduce((x, one) => one(x, { bias }).y, drop(shared(source)))));
  };
  const remember = (source: Expr, sourceMask: Expr): Memory => {
    const encoded = encode(source, sourceMask);
    return { layers: writers.map((one) => one.remember(encoded)), mask: paddingMask(sourceMask) };
  };
  const decoder: CausalDecoder = causalDecoder({
    tree,
    shape: {
      vocabularySize: vocab_size,
      contextLength: config.n_positions ?? 512,
      layers: num_decoder_layers,
      keyHeads,
      headWidth: d_kv,
      memory: 'masked',
    },
    embed: shared,
    decode({ embedded, positions, keyPositions, mask, past, memory }) {
      const bias = ops.add(relativeBias(writers[0]!.table!, positions, keyPositions, false, maxDistance), mask);
      let x = drop(embedded); // [batch, length, width]
      const present = writers.map((one, i) => {
        const across = memory && { memory: memory.layers[i]!, ...(memory.mask && { memoryMask: memory.mask }) };
        const { y, present: own } = one(x, { bias, ...(past && { past: past[i]! }), ...across });
        x = y;
        return own;
      });
      return { hidden: drop(decoderNorm(x)), present };
    },
    head: (hidden) => (lm_head === undefined ? ops.linear(ops.mul(hidden, width ** -0.5), shared.tree.weight as Expr) : lm_head(hidden)),
  });
  const forward = (source: Expr, sourceMask: Expr, ids: Expr): Expr => decodeWhole(decoder, ids, remember(source, sourceMask));
  return Object.assign(layer(tree, forward), {
    decoder,
    encode,
    inputs: {
      input_ids: { type: 'int64' as const, dims: ['batch', 'source'] },
      attention_mask: { type: 'int64' as const, dims: ['batch', 'source'] },
    },
    remember: (inputs: Readonly<Record<string, Expr>>) => remember(inputs.input_ids!, inputs.attention_mask!),
  });
}
