/** The layers of docs/guide/layers.md: what each workspace may import, tests apart. Everyone but `create-plugin` may import the contract. */

const contract = ['modality-registry'];
const frontEnds = ['text-tokenizer', 'image-patcher', 'audio-spectrogram', 'video-tubelets'];
const engine = [...contract, 'autograd', 'nn'];

/** @type {Record<string, { layer: string, mayImport: readonly string[] | 'all' }>} workspace folder → its row */
export const layers = {
  'packages/modality-registry': { layer: 'contract', mayImport: [] },

  'packages/text-tokenizer': { layer: 'front ends', mayImport: contract },
  'packages/image-patcher': { layer: 'front ends', mayImport: contract },
  'packages/audio-spectrogram': { layer: 'front ends', mayImport: contract },
  'packages/video-tubelets': { layer: 'front ends', mayImport: [...contract, 'image-patcher'] },

  'packages/autograd': { layer: 'engine', mayImport: contract },
  'packages/nn': { layer: 'engine', mayImport: [...contract, 'autograd'] },

  'packages/fusion-core': { layer: 'models', mayImport: engine },
  'packages/clip': { layer: 'models', mayImport: [...engine, ...frontEnds, 'fusion-core'] },
  'packages/llava-adapter': { layer: 'models', mayImport: [...engine, ...frontEnds, 'fusion-core', 'clip'] },
  'packages/speech': { layer: 'models', mayImport: [...engine, 'audio-spectrogram', 'text-tokenizer'] },
  'packages/generators': { layer: 'models', mayImport: [...engine, ...frontEnds, 'fusion-core', 'clip'] },
  'packages/retrieval': { layer: 'models', mayImport: contract },

  'packages/transformers-bridge': { layer: 'bridges', mayImport: [...contract, ...frontEnds] },
  'packages/starter': { layer: 'bridges', mayImport: contract },
  'packages/create-plugin': { layer: 'bridges', mayImport: [] },

  'apps/cli': { layer: 'apps', mayImport: 'all' },
  'apps/playground': { layer: 'apps', mayImport: 'all' },
  'apps/recipes': { layer: 'apps', mayImport: 'all' },
  'apps/bench': { layer: 'apps', mayImport: 'all' },

  docs: { layer: 'docs', mayImport: 'all' },
};

/** Workspaces that run unchanged in browsers, workers, Deno and Bun: only files under `src/node` may touch Node or a third-party package. */
export const pure = new Set([...contract, ...frontEnds].map((name) => `packages/${name}`));

/** The one third-party package that a file of theirs outside `src/node` may load, dynamically: an optional peer that browsers need. */
export const browserPeers = { 'packages/video-tubelets/src/webcodecs/mediabunny.ts': 'mediabunny' };

export const scope = '@polymodal/';
