import { type Expr, type Initializer, ops } from '@polymodal/autograd';
import { checkHeads, mergeHeads, splitHeads } from '../attention.js';
import { dropout } from '../dropout.js';
import { normal, zeros } from '../initialize.js';
import { type ActivationName, activationOf, embedding, layerNorm, moduleList } from '../layers.js';
import type { Adapt, LinearLayer } from '../lora.js';
import { type Layer, layer } from '../module.js';
import { checkSizes, refuseOthers } from './config-checks.js';
import { type CausalDecoder, causalDecoder, checkLength, extendPast, type KeyValues } from './decoder.js';

/** The fields of a published `config.json`. */
export interface Gpt2Config {
  readonly vocab_size: number;
  readonly n_positions: number;
  readonly n_embd: number;
  readonly n_layer: number;
  readonly n_head: number;
  /** Default 4 · n_embd. */
  readonly n_inner?: number | null;
  /** Default 'gelu_new', the tanh form. */
  readonly activation_function?: ActivationName;
  /** Default 1e-5. */
  readonly layer_norm_epsilon?: number;
  /** The share of the embedding that training drops; default 0.1, as of the other two. */
  readonly embd_pdrop?: number;
  /** Of attention's weights. */
  readonly attn_pdrop?: number;
  /** Of what each half of a block adds. */
  readonly resid_pdrop?: number;
}

const published = (n_embd: number, n_layer: number, n_head: number): Gpt2Config => ({
  vocab_size: 50257,
  n_positions: 1024,
  n_embd,
  n_layer,
  n_head,
});

/** The published sizes: 124,439,808, 354,823,168, 774,030,080 and 1,557,611,200 parameters. */
export const gpt2Configs = {
  gpt2: published(768, 12, 12),
  'gpt2-medium': published(1024, 24, 16),
  'gpt2-large': published(1280, 36, 20),
  'gpt2-xl': published(1600, 48, 25),
} as const;

/** Fields of other ways to compute, with what is built here. */
const builtHere = {
  model_type: ['gpt2'],
  scale_attn_weights: [true],
  scale_attn_by_inverse_layer_idx: [false],
  add_cross_attention: [false],
  tie_word_embeddings: [true],
};

/** x · weight + bias; `weight` is [inputs, outputs], the transpose of a linear layer's, as in the published files. */
function projection(inputs: number, outputs: number, initializer: Initializer): LinearLayer {
  const weight = ops.parameter([inputs, outputs], initializer);
  const bias = ops.parameter([outputs], zeros);
  const forward = (x: Expr) => ops.add(ops.matmul(x, weight), bias);
  return Object.assign(layer({ weight, bias }, forward), { transposed: true });
}

interface BlockInputs {
  readonly mask: Expr;
  readonly past: KeyValues | undefined;
}

function block(
  config: Gpt2Config,
  name: string,
  adapt: Adapt,
): Layer<[x: Expr, inputs: BlockInputs], { readonly y: Expr; readonly present: KeyValues }> {
  const { n_embd: width, n_head: heads, n_layer, n_inner, activation_function = 'gelu_new', layer_norm_epsilon: epsilon = 1e-5 } = config;
  const hidden = n_inner ?? 4 * width;
  const start = normal(0.02);
  const residualStart = normal(0.02 / Math.sqrt(2 * n_layer));
  const project = (part: string, inputs: number, outputs: number, initializer: Initializer) =>
    adapt(projection(inputs, outputs, initializer), `${name}.${part}`);
  const [weights, drop] = [dropout(config.attn_pdrop ?? 0.1), dropout(config.resid_pdrop ?? 0.1)];
  const activation = activationOf(activation_function);
  const [ln_1, ln_2] = [layerNorm(width, { epsilon }), layerNorm(width, { epsilon })];
  const attn = { c_attn: project('attn.c_attn', width, 3 * width, start), c_proj: project('attn.c_proj', width, width, residualStart) };
  const mlp = { c_fc: project('mlp.c_fc', width, hidden, start), c_proj: project('mlp.c_proj', hidden, width, residualStart) };
  const files = { ignored: ['bias', 'masked_bias'] }; // the causal mask, and the score of what it hides
  return layer({ ln_1, attn: { tree: attn, files }, ln_2, mlp: { tree: mlp } }, (x: Expr, { mask, past }: BlockInputs) => {
    const fused = attn.c_attn(ln_1(x)); // [batch, length, 3 · width]
    const [q, keys, values] = [0, 1, 2].map((i) => splitHeads(ops.slice(fused, 2, i * width, (i + 1) * width), heads)) as [
      Expr,
      Expr,
      Expr,
    ];
    const present = extendPast(past, { keys, values }, mask.dims.at(-1)!);
    const attended = ops.add(x, drop(attn.c_proj(mergeHeads(ops.attention(q, present.keys, present.values, { bias: mask, weights })))));
    const y = ops.add(attended, drop(mlp.c_proj(activation(mlp.c_fc(ln_2(attended))))));
    return { y, present };
  });
}

/**
 * GPT-2 (Radford et al. 2019). Parameters have the names of the published `model.safetensors`: `wte.weight` [vocabulary,
 * width], which the output shares, `wpe.weight` [positions, width], `h.0.ln_1.weight`, `h.0.attn.c_attn.weight` [width, 3 · width],
 * `h.0.attn.c_proj.weight`, `h.0.mlp.c_fc.weight` …, `ln_f.weight`. `loadWeights` takes files of GPT2LMHeadModel too, which have `transformer.`
 * before them, and leaves out causal masks. `adapt` may change the projections of the blocks. Throws TrainingError: `NN_CONFIG` for fields that
 * are missing or ask for what is not built here, `NN_HEADS`, and `NN_INPUT` for more ids than positions.
 */
export function gpt2(config: Gpt2Config, { adapt = (layer) => layer }: { readonly adapt?: Adapt } = {}): CausalDecoder {
  checkSizes('gpt2', config, ['vocab_size', 'n_positions', 'n_embd', 'n_layer', 'n_head'], ['n_inner']);
  refuseOthers('gpt2', config, builtHere);
  const { n_embd: width, n_head: heads, n_positions, vocab_size, n_layer } = config;
  checkHeads(width, heads);
  const wte = embedding(vocab_size, width);
  const wpe = embedding(n_positions, width);
  const blocks = Array.from({ length: n_layer }, (_, i) => block(config, `h.${i}`, adapt));
  const drop = dropout(config.embd_pdrop ?? 0.1);
  const ln_f = layerNorm(width, { epsilon: config.layer_norm_epsilon ?? 1e-5 });
  return causalDecoder({
    tree: { wte, wpe, h: moduleList(blocks), ln_f, lm_head: wte },
    files: { prefix: 'transformer.' },
    shape: { vocabularySize: vocab_size, contextLength: n_positions, layers: n_layer, keyHeads: heads, headWidth: width / heads },
    embed: wte,
    decode({ embedded, positions, mask, past }) {
      checkLength('gpt2', positions, n_positions);
      let x = drop(ops.add(embedded, wpe(positions))); // [batch, length, width]
      const present = blocks.map((one, i) => {
        const { y, present: own } = one(x, { mask, past: past?.[i] });
        x = y;
        return own;
      });
      return { hidden: ln_f(x), present };
    },
    head: (hidden) => ops.linear(hidden, wte.tree.weight as Expr),
  });
}
