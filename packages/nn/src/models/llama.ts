import { type Expr, ops } from '@polymodal/autograd';
import { checkHeads, mergeHeads, splitHeads } from '../attention.js';
import { dropout } from '../dropout.js';
import { normal, zeros } from '../initialize.js';
import { type ActivationName, activationOf, embedding, linear, moduleList, rmsNorm } from '../layers.js';
import type { Adapt } from '../lora.js';
import { configError } from '../model-errors.js';
import { type Layer, layer } from '../module.js';
import { checkSizes, refuseOthers } from './config-checks.js';
import { type CausalDecoder, causalDecoder, extendPast, type KeyValues, windowMask } from './decoder.js';
import { type RotaryOptions, type RotaryScaling, rotaryAngles, rotaryReach } from './rotary-frequencies.js';

/** The fields of a published `config.json`. */
export interface LlamaConfig {
  /** Default 'llama'. Qwen2 has biases on queries, keys and values. */
  readonly model_type?: 'llama' | 'mistral' | 'qwen2';
  readonly vocab_size: number;
  readonly hidden_size: number;
  readonly intermediate_size: number;
  readonly num_hidden_layers: number;
  readonly num_attention_heads: number;
  /** Default: as many as of queries. */
  readonly num_key_value_heads?: number | null;
  /** Default hidden_size / num_attention_heads. */
  readonly head_dim?: number | null;
  readonly max_position_embeddings: number;
  /** Default 'silu'. */
  readonly hidden_act?: ActivationName;
  /** Default 1e-6. */
  readonly rms_norm_eps?: number;
  /** Default 10,000. */
  readonly rope_theta?: number;
  readonly rope_scaling?: RotaryScaling | null;
  /** What transformers from version 5 on writes in place of the two. */
  readonly rope_parameters?: RotaryScaling & { readonly rope_theta?: number };
  /** How many positions a query of 'mistral' looks back, its own counted; of 'qwen2' where `use_sliding_window` is true. Default: all. */
  readonly sliding_window?: number | null;
  /** Default false. */
  readonly use_sliding_window?: boolean;
  /** The layers of 'qwen2' below this one look at all positions; default 28. */
  readonly max_window_layers?: number;
  /** Of 'qwen2', 'full_attention' or 'sliding_attention' for each layer; default: as `max_window_layers` says. */
  readonly layer_types?: readonly string[] | null;
  /** Whether the output shares the table of tokens; default false. */
  readonly tie_word_embeddings?: boolean;
  /** Biases of all four projections of attention; default false. */
  readonly attention_bias?: boolean;
  /** Default false. */
  readonly mlp_bias?: boolean;
  /** The share of attention's weights that training drops; default 0. */
  readonly attention_dropout?: number;
}

interface BlockInputs {
  readonly mask: Expr;
  readonly angles: ops.RotaryTables;
  readonly past: KeyValues | undefined;
}

type Block = Layer<[x: Expr, inputs: BlockInputs], { readonly y: Expr; readonly present: KeyValues }>;

const keyHeadsOf = ({ num_key_value_heads, num_attention_heads }: LlamaConfig) => num_key_value_heads ?? num_attention_heads;
const headWidthOf = ({ head_dim, hidden_size, num_attention_heads }: LlamaConfig) => head_dim ?? hidden_size / num_attention_heads;

function checkConfig(config: LlamaConfig): void {
  const needed = ['vocab_size', 'hidden_size', 'intermediate_size', 'num_hidden_layers', 'num_attention_heads', 'max_position_embeddings'];
  checkSizes('llama', config, needed, ['num_key_value_heads', 'head_dim', 'sliding_window']);
  refuseOthers('llama', config, { model_type: ['llama', 'mistral', 'qwen2'], partial_rotary_factor: [1] });
  refuseOthers('llama', config.rope_parameters ?? {}, { partial_rotary_factor: [1] });
  if (config.num_attention_heads % keyHeadsOf(config) !== 0)
    throw configError(
      `llama: ${config.num_attention_heads} heads of queries do not share ${keyHeadsOf(config)} of keys and values evenly.`,
      'Choose a num_key_value_heads that divides num_attention_heads.',
    );
  if ((config.head_dim ?? undefined) === undefined) checkHeads(config.hidden_size, config.num_attention_heads);
  if (headWidthOf(config) % 2 !== 0)
    throw configError(`llama: heads are ${headWidthOf(config)} wide.`, 'Rotary positions need an even width.');
}

const rotaryOf = (config: LlamaConfig): RotaryOptions => ({
  width: headWidthOf(config),
  base: config.rope_parameters?.rope_theta ?? config.rope_theta ?? 10_000,
  length: config.max_position_embeddings,
  scaling: config.rope_parameters ?? config.rope_scaling ?? { rope_type: 'default' },
});

/** How far a layer looks back, where that is less than the model reaches. */
function windowOf(config: LlamaConfig, layer: number, reach: number): number | undefined {
  const { model_type, sliding_window, use_sliding_window, max_window_layers = 28, layer_types } = config;
  if (typeof sliding_window !== 'number' || sliding_window >= reach) return undefined;
  if (model_type === 'mistral') return sliding_window;
  if (model_type !== 'qwen2')
    throw configError(
      `llama: sliding_window is ${sliding_window}, which is below the ${reach} positions of the model.`,
      "Give the file's model_type: 'mistral' and 'qwen2' have windows.",
    );
  const slides = layer_types?.[layer] === undefined ? layer >= max_window_layers : layer_types[layer] === 'sliding_attention';
  return use_sliding_window === true && slides ? sliding_window : undefined;
}

function block(config: LlamaConfig, name: string, adapt: Adapt): Block {
  const { hidden_size: width, intermediate_size: hidden, num_attention_heads: heads, hidden_act = 'silu', attention_bias = false } = config;
  const { rms_norm_eps: epsilon = 1e-6, mlp_bias = false, model_type } = config;
  const [d, keyHeads] = [headWidthOf(config), keyHeadsOf(config)];
  const project = (part: string, inputs: number, outputs: number, bias: boolean) =>
    adapt(linear(inputs, outputs, { bias, weightInitializer: normal(0.02), biasInitializer: zeros }), `${name}.${part}`);
  const readBias = attention_bias || model_type === 'qwen2';
  const self_attn = {
    q_proj: project('self_attn.q_proj', width, heads * d, readBias),
    k_proj: project('self_attn.k_proj', width, keyHeads * d, readBias),
    v_proj: project('self_attn.v_proj', width, keyHeads * d, readBias),
    o_proj: project('self_attn.o_proj', heads * d, width, attention_bias),
  };
  const mlp = {
    gate_proj: project('mlp.gate_proj', width, hidden, mlp_bias),
    up_proj: project('mlp.up_proj', width, hidden, mlp_bias),
    down_proj: project('mlp.down_proj', hidden, width, mlp_bias),
  };
  const [input_layernorm, post_attention_layernorm] = [rmsNorm(width, { epsilon }), rmsNorm(width, { epsilon })];
  const weights = dropout(config.attention_dropout ?? 0);
  const activation = activationOf(hidden_act);
  const files = { ignored: ['rotary_emb.inv_freq'] }; // computed from the configuration
  const tree = { input_layernorm, self_attn: { tree: self_attn, files }, post_attention_layernorm, mlp: { tree: mlp } };
  return layer(tree, (x: Expr, { mask, angles, past }: BlockInputs) => {
    const normed = input_layernorm(x); // [batch, length, width]
    const q = ops.rotary(splitHeads(self_attn.q_proj(normed), heads), angles); // [batch, heads, length, d]
    const keys = ops.rotary(splitHeads(self_attn.k_proj(normed), keyHeads), angles);
    const values = splitHeads(self_attn.v_proj(normed), keyHeads);
    const present = extendPast(past, { keys, values }, mask.dims.at(-1)!);
    const attended = ops.add(x, self_attn.o_proj(mergeHeads(ops.attention(q, present.keys, present.values, { bias: mask, weights }))));
    const inner = post_attention_layernorm(attended);
    const gated = ops.mul(activation(mlp.gate_proj(inner)), mlp.up_proj(inner)); // SwiGLU
    return { y: ops.add(attended, mlp.down_proj(gated)), present };
  });
}

/**
 * Llama (Touvron et al. 2023, arXiv 2302.13971 and 2307.09288) and models of its build: RMS norm, rotary positions, grouped-query attention,
 * SwiGLU. Parameters have the names of Hugging Face's LlamaForCausalLM: `model.embed_tokens.weight` [vocabulary, width],
 * `model.layers.0.self_attn.q_proj.weight` [heads · d, width], `….k_proj.weight` [key heads · d, width], `….mlp.gate_proj.weight` …,
 * `model.norm.weight`, `lm_head.weight` unless it is tied. `adapt` may change the linear layers of the blocks. Throws TrainingError:
 * `NN_CONFIG` for fields that ask for what is not built here, and `NN_HEADS`.
 */
export function llama(config: LlamaConfig, { adapt = (layer) => layer }: { readonly adapt?: Adapt } = {}): CausalDecoder {
  checkConfig(config);
  const { hidden_size: width, vocab_size, num_hidden_layers } = config;
  const rotary = rotaryOf(config);
  const [anglesOf, contextLength] = [rotaryAngles(rotary), rotaryReach(rotary)];
  const windows = Array.from({ length: num_hidden_layers }, (_, i) => windowOf(config, i, contextLength));
  const embed_tokens = embedding(vocab_size, width);
  const blocks = Array.from({ length: num_hidden_layers }, (_, i) => block(config, `model.layers.${i}`, adapt));
  const norm = rmsNorm(width, { epsilon: config.rms_norm_eps ?? 1e-6 });
  const lm_head =
    config.tie_word_embeddings === true ? undefined : linear(width, vocab_size, { bias: false, weightInitializer: normal(0.02) });
  return causalDecoder({
    tree: { model: { tree: { embed_tokens, layers: moduleList(blocks), norm } }, lm_head: lm_head ?? embed_tokens },
    files: { prefix: 'model.' },
    shape: {
      vocabularySize: vocab_size,
      contextLength,
      layers: num_hidden_layers,
      keyHeads: keyHeadsOf(config),
      headWidth: headWidthOf(config),
    },
    embed: embed_tokens,
    decode({ embedded, positions, keyPositions, mask: causal, past }) {
      const angles = anglesOf(positions);
      const masks = new Map(windows.map((window) => [window, windowMask(causal, positions, keyPositions, window)]));
      let x = embedded; // [batch, length, width]
      const present = blocks.map((one, i) => {
        const { y, present: own } = one(x, { mask: masks.get(windows[i])!, angles, past: past?.[i] });
        x = y;
        return own;
      });
      return { hidden: norm(x), present };
    },
    head: (hidden) => (lm_head === undefined ? ops.linear(hidden, embed_tokens.tree.weight as Expr) : lm_head(hidden)),
  });
}
