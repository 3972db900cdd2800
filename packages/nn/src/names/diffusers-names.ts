import type { NameTable } from './rename-weights.js';

/**
 * From the names that attention has in diffusers' older files, such as the autoencoder of Stable Diffusion 1, to today's. Other names are
 * the same: rename with `strict: false`.
 */
export const diffusersNames: NameTable = {
  rules: /* @__PURE__ */ ['*.attentions.*', '*.*.attentions.*'].flatMap((place) => [
    { from: `${place}.query.*`, to: `${place}.to_q.*` },
    { from: `${place}.key.*`, to: `${place}.to_k.*` },
    { from: `${place}.value.*`, to: `${place}.to_v.*` },
    { from: `${place}.proj_attn.*`, to: `${place}.to_out.0.*` },
  ]),
};
