import { readFile } from 'node:fs/promises';
import { builtinModules, createRequire } from 'node:module';

/**
 * What a user's bundle grows by: the built packages, minified by esbuild and gzipped, as `npm run size` prints it. The contract counts in;
 * a second row says what is left without it.
 */

const tokenizer = '@polymodal/text-tokenizer';
const patcher = '@polymodal/image-patcher';
const sound = '@polymodal/audio-spectrogram';
const contract = '@polymodal/modality-registry';
const { exports, peerDependencies = {} } = createRequire(import.meta.url)(`${tokenizer}/package.json`);
const entries = Object.keys(exports)
  .filter((path) => path !== './package.json')
  .map((path) => `${tokenizer}${path.slice(1)}`);

/** A vocabulary is a string of more than 100,000 characters in the source: nothing that a person writes. */
const withoutVocabularies = {
  name: 'without-vocabularies',
  setup({ onLoad }) {
    onLoad({ filter: /\/text-tokenizer\/dist\/[^/]*\.js$/ }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8')).replace(/"[^"\\\n]{100000,}"/g, '""'),
    }));
  },
};

/** The frames of audio-spectrogram in TypeScript alone, as where WebAssembly is forbidden: bundled from the sources, where the kernel is a folder. */
const withoutKernel = {
  name: 'without-kernel',
  setup({ initialOptions, onLoad }) {
    initialOptions.conditions = ['@polymodal/source'];
    onLoad({ filter: /\/audio-spectrogram\/src\/kernel\/instance\.ts$/ }, () => ({
      contents: 'export const loadKernel = () => undefined;',
    }));
    onLoad({ filter: /\/audio-spectrogram\/src\/kernel\/kernel-engine\.ts$/ }, () => ({
      contents: 'export const kernelEngine = undefined;',
    }));
  },
};

/** One row: what is bundled for a module that holds `source`. */
function row(name, source, limit, { external = [], plugins = [] } = {}) {
  return {
    name,
    path: 'package.json',
    gzip: true,
    ...(limit === undefined ? {} : { limit }),
    modifyEsbuildConfig: ({ entryPoints, ...config }) => ({
      ...config,
      stdin: { contents: source, resolveDir: import.meta.dirname },
      format: 'esm',
      // Imported by `/node` alone, and what the user installs beside.
      external: [...builtinModules, ...Object.keys(peerDependencies), ...external],
      plugins,
    }),
  };
}

function rows(name, source, limit, options) {
  return [
    row(name, source, limit, options),
    row(`${name}, the contract left out`, source, undefined, { ...options, external: [contract] }),
  ];
}

const all = entries.map((entry, i) => `export * as entry${i} from '${entry}';`).join('\n');

/**
 * What was asked for, in bytes, where the limits below only keep what is reached: offsets, pairs, overflow, streaming, linear-time splitting
 * and whole error messages cost more than that.
 */
export const asked = {
  'byte-level BPE': 9000,
  'every entry of text-tokenizer, without vocabularies': 40_000,
};

export default [
  ...rows('byte-level BPE', `export { loadTokenizer } from '${tokenizer}/byte-level';`, '21 KB'),
  ...rows('.tiktoken files', `export * from '${tokenizer}/tiktoken';`, '21 KB'),
  ...rows('CLIP with its vocabulary', `export { clipTokenizer } from '${tokenizer}/clip';`, '230 KB'),
  ...rows('every entry of text-tokenizer, without vocabularies', all, '86 KB', { plugins: [withoutVocabularies] }),
  ...rows('resize, crop, normalise, patchify', `export { resize, centerCrop, normalize, patchify } from '${patcher}';`, '8 KB'),
  ...rows("Whisper's log-mel in TypeScript, without its kernel", `export { whisperFeatures } from '${sound}';`, '6 KB', {
    plugins: [withoutKernel],
  }),
  ...rows("Whisper's log-mel with its kernel", `export { whisperFeatures } from '${sound}';`, '10 KB'),
];
