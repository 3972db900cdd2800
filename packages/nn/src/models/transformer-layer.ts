import { type Expr, ops } from '@polymodal/autograd';
import { checkHeads, maskScores, mergeHeads, splitHeads } from '../attention.js';
import { dropout } from '../dropout.js';
import { xavierUniform, zeros } from '../initialize.js';
import { type ActivationName, activationOf, layerNorm, linear } from '../layers.js';
import { type Layer, layer, type Module } from '../module.js';
import { extendPast, type KeyValues } from './decoder.js';

export interface TransformerOptions {
  readonly width: number;
  readonly heads: number;
  readonly layers: number;
  /** Width inside the feed-forward parts; default 4 · width. */
  readonly hidden?: number;
  /** Default 'relu', as PyTorch's. */
  readonly activation?: ActivationName;
  /** Whether a part normalises what it reads (pre-norm) and not the sum that it is added to; default false, as PyTorch's. */
  readonly normFirst?: boolean;
  /** Whether another normalisation ends each stack; default true, as in PyTorch's nn.Transformer. */
  readonly finalNorm?: boolean;
  /** The share that training drops of attention's weights, hidden values and what each part adds; default 0.1, as PyTorch's. */
  readonly dropout?: number;
  /** Default 1e-5. */
  readonly epsilon?: number;
}

interface Attention extends Module {
  /** Queries, keys and values of one sequence. */
  within(x: Expr): { readonly q: Expr; readonly own: KeyValues };
  queries(x: Expr): Expr;
  memory(x: Expr): KeyValues;
  output(q: Expr, memory: KeyValues, mask?: Expr): Expr;
}

/** nn.MultiheadAttention: one matrix holds the projections of queries, keys and values. */
function attention({ width, heads, dropout: rate = 0.1 }: TransformerOptions): Attention {
  checkHeads(width, heads);
  const in_proj_weight = ops.parameter([3 * width, width], xavierUniform);
  const in_proj_bias = ops.parameter([3 * width], zeros);
  const out_proj = linear(width, width, { weightInitializer: xavierUniform, biasInitializer: zeros });
  const weights = dropout(rate);
  /** The parts from `start` on of queries, keys and values, each [batch, heads, length, d]. */
  const project = (x: Expr, start: number, end: number): Expr[] => {
    const [weight, bias] = [in_proj_weight, in_proj_bias].map((whole) => ops.slice(whole, 0, start * width, end * width));
    const fused = ops.linear(x, weight!, bias!);
    return Array.from({ length: end - start }, (_, i) => splitHeads(ops.slice(fused, 2, i * width, (i + 1) * width), heads));
  };
  return {
    tree: { in_proj_weight, in_proj_bias, out_proj },
    within(x) {
      const [q, keys, values] = project(x, 0, 3);
      return { q: q!, own: { keys: keys!, values: values! } };
    },
    queries: (x) => project(x, 0, 1)[0]!,
    memory(x) {
      const [keys, values] = project(x, 1, 3);
      return { keys: keys!, values: values! };
    },
    output: (q, { keys, values }, mask) =>
      out_proj(mergeHeads(ops.attention(q, keys, values, { weights, ...(mask && { bias: maskScores(mask) }) }))),
  };
}

interface LayerInputs {
  /** bool or added to the scores; broadcasts to [batch, heads, length, past + length]. Needed behind a past. */
  readonly mask?: Expr;
  readonly past?: KeyValues;
  readonly memory?: KeyValues;
  readonly memoryMask?: Expr;
}

/** [batch, length, width] → the same, and the keys and values of the sequence. */
export type TransformerLayer = Layer<[x: Expr, inputs: LayerInputs], { readonly y: Expr; readonly present: KeyValues }>;

/** A layer that also reads an encoder's output. */
export interface CrossLayer extends TransformerLayer {
  /** Its keys and values. [batch, source, width] → each [batch, heads, source, d] */
  remember(encoded: Expr): KeyValues;
}

function layerOf(options: TransformerOptions, multihead_attn?: Attention): TransformerLayer {
  const { width, hidden = 4 * width, activation = 'relu', normFirst = false, dropout: rate = 0.1, epsilon = 1e-5 } = options;
  const self_attn = attention(options);
  const linear1 = linear(width, hidden, { weightInitializer: xavierUniform });
  const linear2 = linear(hidden, width, { weightInitializer: xavierUniform });
  const [norm1, norm2, norm3] = [0, 1, 2].map(() => layerNorm(width, { epsilon })) as [Layer, Layer, Layer];
  const last = multihead_attn === undefined ? norm2 : norm3;
  const [drop, activate] = [dropout(rate), activationOf(activation)];
  const read = (x: Expr, norm: Layer): Expr => (normFirst ? norm(x) : x);
  const join = (x: Expr, part: Expr, norm: Layer): Expr => (normFirst ? ops.add(x, drop(part)) : norm(ops.add(x, drop(part))));
  const tree = { self_attn, multihead_attn, linear1, linear2, norm1, norm2, ...(multihead_attn && { norm3 }) };
  return layer(tree, (x: Expr, { mask, past, memory, memoryMask }: LayerInputs) => {
    const { q, own } = self_attn.within(read(x, norm1));
    const present = past === undefined ? own : extendPast(past, own, mask!.dims.at(-1)!);
    let y = join(x, self_attn.output(q, present, mask), norm1); // [batch, length, width]
    if (multihead_attn !== undefined && memory !== undefined)
      y = join(y, multihead_attn.output(multihead_attn.queries(read(y, norm2)), memory, memoryMask), norm2);
    return { y: join(y, linear2(drop(activate(linear1(read(y, last))))), last), present };
  });
}

/** nn.TransformerEncoderLayer. */
export const encoderLayer = (options: TransformerOptions): TransformerLayer => layerOf(options);

/** nn.TransformerDecoderLayer. */
export function decoderLayer(options: TransformerOptions): CrossLayer {
  const multihead_attn = attention(options);
  return Object.assign(layerOf(options, multihead_attn), { remember: multihead_attn.memory });
}
