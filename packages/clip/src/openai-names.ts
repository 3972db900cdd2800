import type { TensorLike } from '@polymodal/modality-registry';
import { ClipError } from './errors.js';

type Tensors = ReadonlyMap<string, TensorLike<'float32'>>;

const blockNames: Readonly<Record<string, string>> = {
  ln_1: 'layer_norm1',
  ln_2: 'layer_norm2',
  'attn.out_proj': 'self_attn.out_proj',
  'mlp.c_fc': 'mlp.fc1',
  'mlp.c_proj': 'mlp.fc2',
};

const plainNames: Readonly<Record<string, string>> = {
  logit_scale: 'logit_scale',
  positional_embedding: 'text_model.embeddings.position_embedding.weight',
  'token_embedding.weight': 'text_model.embeddings.token_embedding.weight',
  'ln_final.weight': 'text_model.final_layer_norm.weight',
  'ln_final.bias': 'text_model.final_layer_norm.bias',
  'visual.class_embedding': 'vision_model.embeddings.class_embedding',
  'visual.positional_embedding': 'vision_model.embeddings.position_embedding.weight',
  'visual.conv1.weight': 'vision_model.embeddings.patch_embedding.weight',
  'visual.ln_pre.weight': 'vision_model.pre_layrnorm.weight',
  'visual.ln_pre.bias': 'vision_model.pre_layrnorm.bias',
  'visual.ln_post.weight': 'vision_model.post_layernorm.weight',
  'visual.ln_post.bias': 'vision_model.post_layernorm.bias',
};

/** Sizes that OpenAI's archives carry along; they are no weights. */
export const openAIBuffers: ReadonlySet<string> = new Set(['input_resolution', 'context_length', 'vocab_size']);

function transposed({ dims, data }: TensorLike<'float32'>): TensorLike<'float32'> {
  const [rows, columns] = dims as readonly [number, number];
  const out = new Float32Array(data.length);
  for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) out[c * rows + r] = data[r * columns + c]!;
  return { type: 'float32', dims: [columns, rows], data: out };
}

/** Whether a state dict has the names of openai/CLIP rather than Hugging Face's. */
export function hasOpenAINames(tensors: ReadonlyMap<string, unknown>): boolean {
  return tensors.has('visual.class_embedding') || tensors.has('visual.conv1.weight');
}

/** Renames the state dict of openai/CLIP (model.py) to Hugging Face's names: projections are transposed, fused q, k, v are split. */
export function fromOpenAINames(tensors: Tensors): Map<string, TensorLike<'float32'>> {
  const out = new Map<string, TensorLike<'float32'>>();
  for (const [name, tensor] of tensors) {
    const block = /^(visual\.)?transformer\.resblocks\.(\d+)\.(.+?)\.?(weight|bias|in_proj_weight|in_proj_bias)$/.exec(name);
    if (openAIBuffers.has(name)) continue;
    if (name === 'visual.proj') out.set('visual_projection.weight', transposed(tensor));
    else if (name === 'text_projection') out.set('text_projection.weight', transposed(tensor));
    else if (plainNames[name] !== undefined) out.set(plainNames[name], tensor);
    else if (block !== null) {
      const prefix = `${block[1] === undefined ? 'text_model' : 'vision_model'}.encoder.layers.${block[2]}`;
      const leaf = block[4]!;
      if (leaf.startsWith('in_proj_')) {
        const kind = leaf.slice('in_proj_'.length);
        const dims = [tensor.dims[0]! / 3, ...tensor.dims.slice(1)];
        const part = tensor.data.length / 3;
        ['q_proj', 'k_proj', 'v_proj'].forEach((projection, i) => {
          out.set(`${prefix}.self_attn.${projection}.${kind}`, {
            type: 'float32',
            dims,
            data: tensor.data.subarray(i * part, (i + 1) * part),
          });
        });
      } else out.set(`${prefix}.${blockNames[block[3]!] ?? block[3]}.${leaf}`, tensor);
    } else
      throw new ClipError({
        code: 'CLIP_WEIGHTS',
        message: `'${name}' is no name of openai/CLIP's state dict.`,
        fix: 'Convert the checkpoint with the names of Hugging Face or of OpenAI.',
      });
  }
  return out;
}
