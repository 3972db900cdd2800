import type { NameRule, NameTable } from './rename-weights.js';

function attention(from: string, to: string): NameRule[] {
  return [
    ['query', 'q_proj'],
    ['key', 'k_proj'],
    ['value', 'v_proj'],
    ['out', 'out_proj'],
  ].map(([a, b]) => ({ from: `${from}.${a}.*`, to: `${to}.${b}.*` }));
}

/** What encoder and decoder share. */
function tower(from: string, to: string): NameRule[] {
  return [
    { from: `${from}.positional_embedding`, to: `${to}.embed_positions.weight` },
    ...attention(`${from}.blocks.*.attn`, `${to}.layers.*.self_attn`),
    { from: `${from}.blocks.*.attn_ln.*`, to: `${to}.layers.*.self_attn_layer_norm.*` },
    { from: `${from}.blocks.*.mlp.0.*`, to: `${to}.layers.*.fc1.*` },
    { from: `${from}.blocks.*.mlp.2.*`, to: `${to}.layers.*.fc2.*` },
    { from: `${from}.blocks.*.mlp_ln.*`, to: `${to}.layers.*.final_layer_norm.*` },
  ];
}

/** A function, so that bundlers leave out what is not used. */
function whisperRules(): NameRule[] {
  return [
    { from: 'encoder.conv1.*', to: 'model.encoder.conv1.*' },
    { from: 'encoder.conv2.*', to: 'model.encoder.conv2.*' },
    ...tower('encoder', 'model.encoder'),
    { from: 'encoder.ln_post.*', to: 'model.encoder.layer_norm.*' },
    { from: 'decoder.token_embedding.weight', to: 'model.decoder.embed_tokens.weight' },
    ...tower('decoder', 'model.decoder'),
    ...attention('decoder.blocks.*.cross_attn', 'model.decoder.layers.*.encoder_attn'),
    { from: 'decoder.blocks.*.cross_attn_ln.*', to: 'model.decoder.layers.*.encoder_attn_layer_norm.*' },
    { from: 'decoder.ln.*', to: 'model.decoder.layer_norm.*' },
  ];
}

/** From the names of openai/whisper (model.py) to those of Hugging Face's WhisperForConditionalGeneration. */
export const whisperNames: NameTable = {
  rules: /* @__PURE__ */ whisperRules(),
  ignored: ['proj_out.weight', 'alignment_heads'], // the token table once more, and which heads tell time
};
