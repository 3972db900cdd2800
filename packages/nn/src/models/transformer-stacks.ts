import { type Dims, type Expr, ops } from '@polymodal/autograd';
import { dropout } from '../dropout.js';
import { embedding, layerNorm, linear, moduleList } from '../layers.js';
import { type Layer, layer, type Module } from '../module.js';
import { checkSizes } from './config-checks.js';
import {
  type CausalDecoder,
  causalDecoder,
  checkLength,
  type Decoded,
  type DecodeInputs,
  type DecoderParts,
  decodeWhole,
  type EncoderDecoder,
  type Memory,
  paddingMask,
} from './decoder.js';
import { decoderLayer, encoderLayer, type TransformerLayer, type TransformerOptions } from './transformer-layer.js';

const sizes = ['width', 'heads', 'layers'];

interface Stack<L extends TransformerLayer> extends Module {
  readonly layers: readonly L[];
  /** The last normalisation, where there is one. */
  end(x: Expr): Expr;
}

function stackOf<L extends TransformerLayer>(
  options: TransformerOptions,
  count: number,
  build: (options: TransformerOptions) => L,
): Stack<L> {
  const layers = Array.from({ length: count }, () => build(options));
  const norm = options.finalNorm === false ? undefined : layerNorm(options.width, { epsilon: options.epsilon ?? 1e-5 });
  return { layers, end: norm ?? ((x) => x), tree: { layers: moduleList(layers), norm } };
}

const encodeWith = ({ layers, end }: Stack<TransformerLayer>, x: Expr, mask?: Expr): Expr =>
  end(layers.reduce((y, one) => one(y, mask === undefined ? {} : { mask }).y, x));

/**
 * PyTorch's nn.TransformerEncoder (Vaswani et al. 2017, arXiv 1706.03762): vectors [batch, length, width] → the same. Under PyTorch's names:
 * `layers.0.self_attn.in_proj_weight` [3 · width, width], `….out_proj.weight`, `layers.0.linear1.weight` [hidden, width], `layers.0.norm1.weight`
 * …, `norm.weight` unless `finalNorm` is false. The mask, bool or added to the scores, broadcasts to [batch, heads, length, length]: of two axes it is
 * [queries, keys] for all rows, and padding [batch, length] is given as [batch, 1, 1, length].
 */
export function transformerEncoder(options: TransformerOptions): Layer<[x: Expr, mask?: Expr]> {
  checkSizes('transformerEncoder', options, sizes, ['hidden']);
  const stack = stackOf(options, options.layers, encoderLayer);
  return layer(stack.tree, (x: Expr, mask?: Expr) => encodeWith(stack, x, mask));
}

export interface TransformerDecoderOptions extends TransformerOptions {
  readonly vocabulary: number;
  /** The longest sequence: learned positions. */
  readonly context: number;
  /** Whether the output shares the table of tokens; default true. */
  readonly tied?: boolean;
}

interface Language extends Omit<DecoderParts, 'tree'> {
  readonly tables: { readonly tokens: Layer; readonly positions: Layer };
  /** Absent where it is tied. */
  readonly output: Layer | undefined;
  /** Tokens [batch, length, width] with the vectors of their positions added. */
  place(embedded: Expr, positions: Expr): Expr;
}

/** Tokens at learned positions, a stack, and logits. */
function languageOf(options: TransformerDecoderOptions, { layers, end }: Stack<TransformerLayer>): Language {
  const { width, heads, vocabulary, context, tied = true, dropout: rate = 0.1 } = options;
  const tables = { tokens: embedding(vocabulary, width), positions: embedding(context, width) };
  const output = tied ? undefined : linear(width, vocabulary, { bias: false });
  const drop = dropout(rate);
  const place = (embedded: Expr, positions: Expr) => drop(ops.add(embedded, positions)); // [batch, length, width]
  return {
    tables,
    output,
    place,
    shape: { vocabularySize: vocabulary, contextLength: context, layers: layers.length, keyHeads: heads, headWidth: width / heads },
    embed: tables.tokens,
    decode({ embedded, positions, mask, past, memory }: DecodeInputs): Decoded {
      checkLength('transformerDecoder', positions, context);
      let x = place(embedded, tables.positions(positions));
      const present = layers.map((one, i) => {
        const across = memory && { memory: memory.layers[i]!, ...(memory.mask && { memoryMask: memory.mask }) };
        const { y, present: own } = one(x, { mask, ...(past && { past: past[i]! }), ...across });
        x = y;
        return own;
      });
      return { hidden: end(x), present };
    },
    head: output ?? ((hidden) => ops.linear(hidden, tables.tokens.tree.weight as Expr)),
  };
}

/**
 * A causal language model, for `cachedModel` too: ids, int64 [batch, length] → logits [batch, length, vocabulary]. The layers are those of
 * {@link transformerEncoder}, each position blind to later ones; beside their names it has `tokens.weight` [vocabulary, width],
 * `positions.weight` [context, width] and, unless it is tied, `output.weight` [vocabulary, width].
 */
export function transformerDecoder(options: TransformerDecoderOptions): CausalDecoder {
  checkSizes('transformerDecoder', options, [...sizes, 'vocabulary', 'context'], ['hidden']);
  const stack = stackOf(options, options.layers, encoderLayer);
  const { tables, output, shape, embed, decode, head } = languageOf(options, stack);
  return causalDecoder({ tree: { ...tables, ...stack.tree, output }, shape, embed, decode, head });
}

export interface TransformerEncoderDecoderOptions extends TransformerDecoderOptions {
  /** Default: as many as `layers`, those of the decoder. */
  readonly encoderLayers?: number;
  /** What the encoder reads in place of ids: float32 [batch, source, …dims], which `embed` turns into [batch, source, width]. */
  readonly source?: { readonly dims: Dims; readonly embed: Layer };
}

export interface TransformerEncoderDecoder extends Layer<[source: Expr, sourceMask: Expr, ids: Expr]>, EncoderDecoder {
  /** The source and its mask (1 where there is something), int64 [batch, source] → [batch, source, width] */
  encode(source: Expr, sourceMask: Expr): Expr;
}

/**
 * PyTorch's nn.Transformer as a model of texts, for `conditionalModel` too: the source and its mask, int64 [batch, source], and ids, int64
 * [batch, length], → logits [batch, length, vocabulary]. Under PyTorch's names: `encoder.layers.0.self_attn.in_proj_weight` …, `encoder.norm.weight`,
 * `decoder.layers.0.multihead_attn.in_proj_weight` …, `decoder.norm.weight`; beside them `tokens.weight` and `positions.weight`, of both
 * sides, `source` where there is one, and, unless it is tied, `output.weight`. As inputs, `source` and `source_mask`.
 */
export function transformerEncoderDecoder(options: TransformerEncoderDecoderOptions): TransformerEncoderDecoder {
  checkSizes('transformerEncoderDecoder', options, [...sizes, 'vocabulary', 'context'], ['hidden', 'encoderLayers']);
  const { source: given } = options;
  const readers = stackOf(options, options.encoderLayers ?? options.layers, encoderLayer);
  const writers = stackOf(options, options.layers, decoderLayer);
  const { tables, output, place, shape, embed, decode, head } = languageOf(options, writers);
  const tree = { ...tables, source: given?.embed, encoder: { tree: readers.tree }, decoder: { tree: writers.tree }, output };
  const embedSource = (source: Expr): Expr =>
    given?.embed(source) ?? place(tables.tokens(source), ops.slice(tables.positions.tree.weight as Expr, 0, 0, source.dims[1]!));
  const encode = (source: Expr, sourceMask: Expr): Expr => encodeWith(readers, embedSource(source), paddingMask(sourceMask));
  const remember = (source: Expr, sourceMask: Expr): Memory => {
    const encoded = encode(source, sourceMask);
    return { layers: writers.layers.map((one) => one.remember(encoded)), mask: paddingMask(sourceMask) };
  };
  const decoder = causalDecoder({ tree, shape: { ...shape, memory: 'masked' }, embed, decode, head });
  return Object.assign(
    layer(tree, (source: Expr, sourceMask: Expr, ids: Expr) => decodeWhole(decoder, ids, remember(source, sourceMask))),
    {
      decoder,
      encode,
      inputs: {
        source: {
          type: given === undefined ? ('int64' as const) : ('float32' as const),
          dims: ['batch', 'source', ...(given?.dims ?? [])],
        },
        source_mask: { type: 'int64' as const, dims: ['batch', 'source'] },
      },
      remember: (inputs: Readonly<Record<string, Expr>>) => remember(inputs.source!, inputs.source_mask!),
    },
  );
}
