import { type Dim, type Dims, type Expr, ops } from '@polymodal/autograd';
import type { DType } from '@polymodal/modality-registry';
import { maskScores } from '../attention.js';
import { inputError } from '../model-errors.js';
import { type Layer, layer, type Module } from '../module.js';

/** What attention keeps of the past in one layer, each [batch, heads, length, d]. */
export interface KeyValues {
  readonly keys: Expr;
  readonly values: Expr;
}

/** What a decoder reads of an encoder. */
export interface Memory {
  /** One per layer of the decoder. */
  readonly layers: readonly KeyValues[];
  /** Added to the scores: hides padding of the source. [batch, 1, 1, source] */
  readonly mask?: Expr;
}

export interface DecodeInputs {
  /** What `embed` gives, or vectors from elsewhere in the places of tokens. [batch, length, width] */
  readonly embedded: Expr;
  /** Places in the sequence, padding not counted. int64 [batch, length] or [1, length] */
  readonly positions: Expr;
  /** The same for the keys, those of the past before. int64 [batch, past + length] or [1, length] */
  readonly keyPositions: Expr;
  /** Added to the scores; broadcasts to [batch, 1, length, past + length]. Its last dimension names that of the cache. */
  readonly mask: Expr;
  /** One per layer. */
  readonly past?: readonly KeyValues[];
  /** For decoders of an encoder's output. */
  readonly memory?: Memory;
}

export interface Decoded {
  /** After the last normalisation. [batch, length, width] */
  readonly hidden: Expr;
  /** The past and these tokens, one per layer. */
  readonly present: readonly KeyValues[];
}

export interface DecoderShape {
  readonly vocabularySize: number;
  /** The longest sequence. */
  readonly contextLength: number;
  readonly layers: number;
  /** Heads of keys and values, and the width of one. */
  readonly keyHeads: number;
  readonly headWidth: number;
  /** Whether every layer also attends to an encoder's output, with as many heads of the same width: the whole of it, or what a mask leaves. */
  readonly memory?: 'whole' | 'masked';
}

export interface DecoderParts extends Module {
  readonly shape: DecoderShape;
  /** int64 [batch, length] → [batch, length, width] */
  embed(ids: Expr): Expr;
  decode(inputs: DecodeInputs): Decoded;
  /** [..., width] → logits [..., vocabulary] */
  head(hidden: Expr): Expr;
}

/** A causal language model: called with ids, int64 [batch, length], it gives logits [batch, length, vocabulary] for training. */
export interface CausalDecoder extends Layer<[ids: Expr]>, Omit<DecoderParts, 'tree'> {}

/** A decoder with the encoder whose output it reads, under one tree of parameters. */
export interface EncoderDecoder extends Module {
  readonly decoder: CausalDecoder;
  /** What the encoder is fed; the first dimension is named 'batch'. */
  readonly inputs: Readonly<Record<string, { readonly type: DType; readonly dims: Dims }>>;
  /** What the decoder reads of the encoder's output. */
  remember(inputs: Readonly<Record<string, Expr>>): Memory;
}

/** What hides keys from the queries whose positions are before theirs; added to the scores. Positions are int64 [batch, length]. */
export function positionMask(positions: Expr, keyPositions: Expr): Expr {
  const queries = ops.reshape(positions, [positions.dims[0]!, 1, positions.dims[1]!, 1]);
  const keys = ops.reshape(keyPositions, [keyPositions.dims[0]!, 1, 1, keyPositions.dims[1]!]);
  return maskScores(ops.lessOrEqual(keys, queries)); // [batch, 1, queries, keys]
}

/** The mask that also hides keys `window` positions or more before their queries, as Mistral (Jiang et al. 2023, arXiv 2310.06825). */
export function windowMask(mask: Expr, positions: Expr, keyPositions: Expr, window: number | undefined): Expr {
  if (window === undefined) return mask;
  const distances = ops.sub(ops.expandDims(positions, 2), ops.expandDims(keyPositions, 1)); // [batch, queries, keys]
  return ops.add(mask, ops.expandDims(maskScores(ops.less(distances, window)), 1));
}

/** What hides padding, added to the scores: the mask is 1 where there is something, int64 [batch, source]. → [batch, 1, 1, source] */
export function paddingMask(mask: Expr): Expr {
  const [batch, length] = mask.dims;
  return ops.reshape(maskScores(ops.cast(mask, 'bool')), [batch!, 1, 1, length!]);
}

/** Throws TrainingError `NN_INPUT` for ids at more places, int64 [batch, length], than a table of positions has. */
export function checkLength(model: string, positions: Expr, longest: number): void {
  const length = positions.dims[1];
  if (typeof length === 'number' && length > longest)
    throw inputError(`${model}: ${length} ids, but there are ${longest} positions.`, 'Cut the ids into shorter sequences.');
}

/** Places from 0 on of ids, int64 [batch, length]: counted in the graph where the length has no number. → int64 [batch or 1, length]. Throws `NN_INPUT`. */
export function placesOf(ids: Expr): Expr {
  const [, length, ...rest] = ids.dims;
  if (length === undefined || rest.length > 0)
    throw inputError(`ids are [${ids.dims.join(', ')}].`, 'They are [batch, length], also where there is one sequence: see ops.reshape.');
  if (typeof length === 'number') return ops.reshape(ops.range(length), [1, length]);
  return ops.sub(ops.cumulativeSum(ops.cast(ops.greaterOrEqual(ids, 0), 'int64'), 1), 1);
}

/** Logits of whole sequences, without a past. int64 [batch, length] → [batch, length, vocabulary] */
export function decodeWhole(decoder: Omit<DecoderParts, 'tree'>, ids: Expr, memory?: Memory): Expr {
  const positions = placesOf(ids);
  const mask = positionMask(positions, positions);
  const inputs = { embedded: decoder.embed(ids), positions, keyPositions: positions, mask, ...(memory && { memory }) };
  return decoder.head(decoder.decode(inputs).hidden);
}

/** Makes a language model of its parts. */
export function causalDecoder({ tree, ...parts }: DecoderParts): CausalDecoder {
  return Object.assign(
    layer(tree, (ids: Expr) => decodeWhole(parts, ids)),
    parts,
  );
}

/** Keys and values of the past with those of new tokens behind, as long together as `size`. */
export function extendPast(past: KeyValues | undefined, { keys, values }: KeyValues, size: Dim): KeyValues {
  if (past === undefined) return { keys, values };
  return { keys: ops.concat([past.keys, keys], 2, { size }), values: ops.concat([past.values, values], 2, { size }) };
}
