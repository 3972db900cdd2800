import type { NameRule, NameTable } from './rename-weights.js';

const fused = (leaf: string): NameRule => ({
  from: `blocks.*.attn.qkv.${leaf}`,
  to: ['query', 'key', 'value'].map((part) => `vit.encoder.layer.*.attention.attention.${part}.${leaf}`),
});

/** From the names of timm (vision_transformer.py) to those of Hugging Face's ViTForImageClassification. */
export const vitNames: NameTable = {
  rules: [
    { from: 'cls_token', to: 'vit.embeddings.cls_token' },
    { from: 'pos_embed', to: 'vit.embeddings.position_embeddings' },
    { from: 'patch_embed.proj.*', to: 'vit.embeddings.patch_embeddings.projection.*' },
    /* @__PURE__ */ fused('weight'),
    /* @__PURE__ */ fused('bias'),
    { from: 'blocks.*.attn.proj.*', to: 'vit.encoder.layer.*.attention.output.dense.*' },
    { from: 'blocks.*.norm1.*', to: 'vit.encoder.layer.*.layernorm_before.*' },
    { from: 'blocks.*.norm2.*', to: 'vit.encoder.layer.*.layernorm_after.*' },
    { from: 'blocks.*.mlp.fc1.*', to: 'vit.encoder.layer.*.intermediate.dense.*' },
    { from: 'blocks.*.mlp.fc2.*', to: 'vit.encoder.layer.*.output.dense.*' },
    { from: 'norm.*', to: 'vit.layernorm.*' },
    { from: 'pre_logits.fc.*', to: 'vit.pooler.dense.*' },
    { from: 'head.*', to: 'classifier.*' },
  ],
};
