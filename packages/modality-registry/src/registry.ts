import { describeRegistry, type RegistryDescription } from './describe.js';
import {
  type AdapterQuery,
  type EmbedderQuery,
  findOne,
  type GeneratorQuery,
  type LanguageModelQuery,
  type PartQuery,
  RegistryError,
} from './lookup.js';
import type { Modality } from './media.js';
import type { Disposable } from './options.js';
import type {
  AdapterPart,
  EmbedderPart,
  EncoderPart,
  GeneratorPart,
  LanguageModelPart,
  Part,
  ProcessorPart,
  TokenizerPart,
} from './part.js';
import type { Plugin } from './plugin.js';
import { findRoutes, type Route, type RouteQuery } from './route.js';
import { validatePlugin } from './validate-plugin.js';
import { createVocabulary, type SharedVocabulary } from './vocabulary.js';

/**
 * The plugins of one program, and what they offer together. Lookups return the one part that matches; where there is none, or several,
 * they throw a RegistryError that lists what there is.
 */
export interface Registry extends Disposable {
  /** In order of installation. */
  readonly plugins: readonly Plugin[];
  /** Ids of several modalities in one id space. */
  readonly vocabulary: SharedVocabulary;
  /** Installs a plugin. @throws PluginError for a malformed one; RegistryError REGISTRY_DUPLICATE for a name that is taken */
  use(plugin: Plugin): Registry;
  tokenizer<M extends Modality>(modality: M, query?: PartQuery): TokenizerPart<M>;
  processor<M extends Modality>(modality: M, query?: PartQuery): ProcessorPart<M>;
  encoder<M extends Modality>(modality: M, query?: PartQuery): EncoderPart<M>;
  embedder<M extends Modality>(modality: M, query?: EmbedderQuery): EmbedderPart<M>;
  adapter(query?: AdapterQuery): AdapterPart;
  languageModel(query?: LanguageModelQuery): LanguageModelPart;
  generator<M extends Modality>(to: M, query?: GeneratorQuery): GeneratorPart<M>;
  /** The ways from one modality to another, shortest first; see {@link Route}. @throws RegistryError REGISTRY_NO_ROUTE */
  route(query: RouteQuery): readonly Route[];
  /** What is installed, as plain data that `JSON.stringify` takes. */
  describe(): RegistryDescription;
  /** Disposes of every part once, last installed first; the registry is then closed. @throws RegistryError REGISTRY_DISPOSE, after all were tried */
  dispose(): Promise<void>;
}

/**
 * A registry of the given plugins: an instance, so that two parts of a program, or two tests, never share one by accident.
 *
 * @example const registry = createRegistry([textPlugin, clip]); await registry.embedder('image', { space: 'emoji-clip-v1' }).embed([image]);
 * @throws PluginError for a malformed plugin; RegistryError REGISTRY_DUPLICATE for two of one name
 */
export function createRegistry(plugins: readonly Plugin[] = []): Registry {
  const used: Plugin[] = [];
  const vocabulary = createVocabulary();
  let disposal: Promise<void> | undefined;

  const installed = () => {
    if (disposal !== undefined) {
      throw new RegistryError({
        code: 'REGISTRY_DISPOSED',
        message: 'this registry has been disposed of, with its parts.',
        fix: 'Create another.',
      });
    }
    return used.flatMap((plugin) => plugin.parts.map((part) => ({ plugin, part })));
  };
  const dispose = (): Promise<void> => {
    disposal ??= disposeAll(used.flatMap((plugin) => plugin.parts));
    return disposal;
  };

  const registry: Registry = {
    get plugins() {
      return [...used];
    },
    vocabulary,
    use(plugin) {
      installed();
      validatePlugin(plugin);
      if (used.some(({ name }) => name === plugin.name)) {
        const available = used.map(({ name, version }) => `${name} ${version}`);
        throw new RegistryError({
          code: 'REGISTRY_DUPLICATE',
          message: `a plugin named '${plugin.name}' is already installed. Installed: ${available.join(', ')}.`,
          fix: 'Install it once, or give one of the two another name.',
          available,
        });
      }
      used.push(plugin);
      return registry;
    },
    // A part found by modality M is a part of M: the cast states what `findOne` has checked.
    tokenizer: <M extends Modality>(modality: M, query: PartQuery = {}) =>
      findOne(installed(), 'tokenizer', { modality, ...query }) as Part as TokenizerPart<M>,
    processor: <M extends Modality>(modality: M, query: PartQuery = {}) =>
      findOne(installed(), 'processor', { modality, ...query }) as Part as ProcessorPart<M>,
    encoder: <M extends Modality>(modality: M, query: PartQuery = {}) =>
      findOne(installed(), 'encoder', { modality, ...query }) as Part as EncoderPart<M>,
    embedder: <M extends Modality>(modality: M, query: EmbedderQuery = {}) =>
      findOne(installed(), 'embedder', { modality, ...query }) as Part as EmbedderPart<M>,
    adapter: (query = {}) => findOne(installed(), 'adapter', query),
    languageModel: (query = {}) => findOne(installed(), 'language-model', query),
    generator: <M extends Modality>(to: M, query: GeneratorQuery = {}) =>
      findOne(installed(), 'generator', { to, ...query }) as Part as GeneratorPart<M>,
    route: (query) => findRoutes(installed(), query),
    describe: () => describeRegistry(used, vocabulary),
    dispose,
    [Symbol.asyncDispose]: dispose,
  };
  for (const plugin of plugins) registry.use(plugin);
  return registry;
}

async function disposeAll(parts: readonly Part[]): Promise<void> {
  const errors: unknown[] = [];
  for (const part of new Set(parts.toReversed())) {
    try {
      await (part.dispose?.() ?? part[Symbol.asyncDispose]?.());
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) {
    throw new RegistryError({
      code: 'REGISTRY_DISPOSE',
      message: `${errors.length} of ${parts.length} parts could not be disposed of; the rest were. First: ${String(errors[0])}`,
      cause: new AggregateError(errors),
    });
  }
}
