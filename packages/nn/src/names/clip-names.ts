import type { NameRule, NameTable } from './rename-weights.js';

const projections = ['q_proj', 'k_proj', 'v_proj'];

/** The blocks of a tower: fused projections are split. */
function blocks(from: string, to: string): NameRule[] {
  const fused = (leaf: string): NameRule => ({
    from: `${from}.attn.in_proj_${leaf}`,
    to: projections.map((projection) => `${to}.self_attn.${projection}.${leaf}`),
  });
  return [
    fused('weight'),
    fused('bias'),
    { from: `${from}.attn.out_proj.*`, to: `${to}.self_attn.out_proj.*` },
    { from: `${from}.ln_1.*`, to: `${to}.layer_norm1.*` },
    { from: `${from}.ln_2.*`, to: `${to}.layer_norm2.*` },
    { from: `${from}.mlp.c_fc.*`, to: `${to}.mlp.fc1.*` },
    { from: `${from}.mlp.c_proj.*`, to: `${to}.mlp.fc2.*` },
  ];
}

/** A function, so that bundlers leave out what is not used. */
function clipRules(): NameRule[] {
  return [
    { from: 'logit_scale', to: 'logit_scale' },
    { from: 'text_projection', to: 'text_projection.weight', transposed: true },
    { from: 'positional_embedding', to: 'text_model.embeddings.position_embedding.weight' },
    { from: 'token_embedding.weight', to: 'text_model.embeddings.token_embedding.weight' },
    { from: 'ln_final.*', to: 'text_model.final_layer_norm.*' },
    ...blocks('transformer.resblocks.*', 'text_model.encoder.layers.*'),
    { from: 'visual.proj', to: 'visual_projection.weight', transposed: true },
    { from: 'visual.class_embedding', to: 'vision_model.embeddings.class_embedding' },
    { from: 'visual.positional_embedding', to: 'vision_model.embeddings.position_embedding.weight' },
    { from: 'visual.conv1.weight', to: 'vision_model.embeddings.patch_embedding.weight' },
    { from: 'visual.ln_pre.*', to: 'vision_model.pre_layrnorm.*' }, // the misspelling is the published name
    { from: 'visual.ln_post.*', to: 'vision_model.post_layernorm.*' },
    ...blocks('visual.transformer.resblocks.*', 'vision_model.encoder.layers.*'),
  ];
}

/** From the names of openai/CLIP (model.py, Vision Transformers) to those of Hugging Face's CLIPModel. */
export const clipNames: NameTable = {
  rules: /* @__PURE__ */ clipRules(),
  ignored: [
    // Sizes that OpenAI's archives carry along, and indices of older exports of Hugging Face.
    'input_resolution',
    'context_length',
    'vocab_size',
    '*.embeddings.position_ids',
  ],
};
