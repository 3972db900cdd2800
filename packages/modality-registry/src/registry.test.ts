import { describe, expect, test } from '@jest/globals';
import { holding, parts, toyPlugin } from '../test/toy-plugin.js';
import { disposable } from './disposable.js';
import { PolymodalError, throwIfAborted } from './errors.js';
import { RegistryError } from './lookup.js';
import type { EmbedderPart, Part } from './part.js';
import { definePlugin, type Plugin } from './plugin.js';
import { createRegistry } from './registry.js';
import { toTensor } from './tensor.js';

function thrown(run: () => unknown): RegistryError {
  try {
    run();
  } catch (error) {
    return error as RegistryError;
  }
  throw new Error('nothing was thrown');
}

function pluginOf(name: string, ...offered: readonly Part[]): Plugin {
  return definePlugin({ name, version: '1.2.3', parts: offered });
}

const inSpace = (name: string, fingerprint: string): EmbedderPart<'image'> => ({ ...parts.embedder, space: { name, fingerprint } });
const first = pluginOf('@a/first', inSpace('a-v1', 'aaaaaaaaaaaaaaaa'));
const second = pluginOf('@b/second', inSpace('b-v1', 'bbbbbbbbbbbbbbbb'));

describe('lookups', () => {
  const registry = createRegistry([toyPlugin()]);

  test('return the very part, by kind and modality', () => {
    expect(registry.tokenizer('text')).toBe(parts.tokenizer);
    expect(registry.processor('image')).toBe(parts.processor);
    expect(registry.encoder('image')).toBe(parts.encoder);
    expect(registry.embedder('image')).toBe(parts.embedder);
    expect(registry.adapter()).toBe(parts.adapter);
    expect(registry.adapter({ from: { width: 3 }, to: { width: 1 } })).toBe(parts.adapter);
    expect(registry.languageModel({ from: ['text', 'image'], to: 'text' })).toBe(parts.languageModel);
    expect(registry.generator('image', { from: 'text' })).toBe(parts.generator);
  });

  test('tell spaces apart by name, or by fingerprint where a space is given', () => {
    const two = createRegistry([first, second]);
    expect(two.embedder('image', { space: 'b-v1' })).toBe(second.parts[0]);
    expect(two.embedder('image', { space: { name: 'renamed', fingerprint: 'aaaaaaaaaaaaaaaa' } })).toBe(first.parts[0]);
    expect(two.embedder('image', { plugin: '@a/first' })).toBe(first.parts[0]);
  });

  test('tell adapters apart by the spaces that they join', () => {
    const from = { width: 3, space: { name: 'a-v1', fingerprint: 'aaaaaaaaaaaaaaaa' } };
    const joining = { ...parts.adapter, from, id: 'joining' };
    const two = createRegistry([pluginOf('adapters', parts.adapter, joining)]);
    expect(two.adapter({ from: { space: 'a-v1' } })).toBe(joining);
    expect(two.adapter({ id: 'joining' })).toBe(joining);
    expect(thrown(() => two.adapter({ from: { width: 4 } })).message).toContain(
      'adapter { from: {"width":4} }. Parts of that kind: adapters: adapter(3 → 1); adapters: adapter(3 in a-v1 → 1, { id: \'joining\' })',
    );
  });

  test('list what is there when what was asked for is not', () => {
    const absent = thrown(() => createRegistry([first, second]).embedder('audio', { space: 'a-v1' }));
    expect(absent).toBeInstanceOf(RegistryError);
    expect(absent.code).toBe('REGISTRY_ABSENT');
    expect(absent.available).toEqual(["@a/first: embedder('image', { space: 'a-v1' })", "@b/second: embedder('image', { space: 'b-v1' })"]);
    for (const available of absent.available) expect(absent.message).toContain(available);
    expect(absent.message).toContain("embedder { modality: 'audio', space: 'a-v1' }");

    expect(thrown(() => createRegistry([first]).generator('video')).message).toContain(
      "There is no generator; installed parts: @a/first: embedder('image'",
    );
    expect(thrown(() => createRegistry().tokenizer('text')).message).toContain('installed parts: none');
    const space = { name: 'c', fingerprint: 'cccccccccccccccc' };
    expect(thrown(() => createRegistry([first]).embedder('image', { space })).message).toContain('space: c (cccccccccccccccc)');
  });

  test('refuse to choose silently among several', () => {
    const error = thrown(() => createRegistry([first, second]).embedder('image'));
    expect(error.code).toBe('REGISTRY_AMBIGUOUS');
    expect(error.message).toContain('fingerprint aaaaaaaaaaaaaaaa');
    expect(error.fix).toBe('Narrow it with { plugin }, { id } or { space }.');
    const tokenizers = createRegistry([pluginOf('x', parts.tokenizer), pluginOf('y', parts.tokenizer)]);
    expect(thrown(() => tokenizers.tokenizer('text')).fix).toBe('Narrow it with { plugin }, { id }.');
  });
});

describe('use', () => {
  test('adds to this registry and no other, and can be chained', () => {
    const registry = createRegistry([first]);
    expect(registry.use(second)).toBe(registry);
    expect(registry.plugins.map(({ name }) => name)).toEqual(['@a/first', '@b/second']);
    expect(createRegistry().plugins).toEqual([]);
  });

  test('refuses a second plugin of one name, and lists those there are', () => {
    const error = thrown(() => createRegistry([first, second, first]));
    expect(error.code).toBe('REGISTRY_DUPLICATE');
    expect(error.available).toEqual(['@a/first 1.2.3', '@b/second 1.2.3']);
  });

  test('refuses a malformed plugin and keeps what was there', () => {
    const registry = createRegistry([first]);
    expect(() => registry.use({ ...second, parts: [] })).toThrow(PolymodalError);
    expect(registry.plugins).toEqual([first]);
  });

  test('takes an object that has more than a plugin needs, and keeps `this`', () => {
    class Loaded implements Plugin {
      readonly specificationVersion = 'v1';
      readonly name = 'loaded';
      readonly version = '1.0.0';
      readonly parts = [parts.tokenizer];
      classify(): string {
        return this.name;
      }
    }
    const loaded = new Loaded();
    expect(createRegistry([loaded]).plugins[0]).toBe(loaded);
  });
});

test('describe gives plain data that JSON holds', () => {
  const registry = createRegistry([toyPlugin(), first]);
  registry.vocabulary.reserve('text', { size: 129 });
  const description = registry.describe();
  expect(JSON.parse(JSON.stringify(description))).toEqual(description);
  expect(description.modalities).toEqual(['text', 'image']);
  expect(description.spaces).toEqual([
    { name: 'toy-v1', fingerprint: '0123456789abcdef', width: 3, modalities: ['image'] },
    { name: 'a-v1', fingerprint: 'aaaaaaaaaaaaaaaa', width: 3, modalities: ['image'] },
  ]);
  expect(description.vocabulary).toEqual([{ modality: 'text', start: 0, end: 131, size: 129, beginId: 129, endId: 130 }]);
  expect(description.plugins[0]!.parts.map(({ label }) => label)).toEqual([
    "tokenizer('text')",
    "processor('image')",
    "encoder('image')",
    "embedder('image', { space: 'toy-v1' })",
    'adapter(3 → 1)',
    'languageModel(text + image → text)',
    'generator(text → image)',
  ]);
  expect(description.plugins[0]!.parts[0]).toEqual({
    kind: 'tokenizer',
    label: "tokenizer('text')",
    from: ['text'],
    to: ['text'],
    vocabularySize: 129,
  });
  const { decode: _, vocabularySize: __, ...bare } = parts.tokenizer;
  const named = pluginOf(
    'bare',
    { ...bare, id: 'bare' },
    { ...parts.adapter, to: { width: 1, space: first.parts[0]!.kind === 'embedder' ? first.parts[0]!.space : parts.embedder.space } },
  );
  expect(createRegistry([named]).describe().plugins[0]!.parts).toMatchObject([{ id: 'bare', to: [] }, { space: { name: 'a-v1' } }]);
});

describe('dispose', () => {
  test('releases every part once, the last installed first, and closes the registry', async () => {
    const released: string[] = [];
    const held = (id: string): Part => ({ ...parts.tokenizer, id, ...disposable(() => void released.push(id)) });
    const shared = held('shared');
    const registry = createRegistry([
      pluginOf('one', shared, held('b')),
      pluginOf('two', shared),
      pluginOf('three', { ...parts.encoder, [Symbol.asyncDispose]: async () => void released.push('c') }),
    ]);
    await registry.dispose();
    await registry[Symbol.asyncDispose]();
    expect(released).toEqual(['c', 'shared', 'b']);
    expect(thrown(() => registry.tokenizer('text')).code).toBe('REGISTRY_DISPOSED');
    expect(thrown(() => registry.use(first)).code).toBe('REGISTRY_DISPOSED');
  });

  test('goes on after a part that fails, then says so', async () => {
    const failing: Part = { ...parts.tokenizer, dispose: () => Promise.reject(new Error('stuck')) };
    let released = false;
    const fine: Part = {
      ...parts.encoder,
      ...disposable(() => {
        released = true;
      }),
    };
    const closing = createRegistry([pluginOf('fine', fine), pluginOf('failing', failing)]).dispose();
    await expect(closing).rejects.toMatchObject({
      code: 'REGISTRY_DISPOSE',
      message: expect.stringContaining('1 of 2 parts'),
      cause: { errors: [new Error('stuck')] },
    });
    expect(released).toBe(true);
  });

  test('a part made with disposable releases once', async () => {
    let releases = 0;
    const part = disposable(() => void releases++);
    await Promise.all([part.dispose(), part.dispose(), part[Symbol.asyncDispose]()]);
    expect(releases).toBe(1);
    expect(holding.parts.some((held) => held.dispose !== undefined)).toBe(true);
  });
});

describe('errors', () => {
  test('print name, code, message and fix, and are known across copies of the package', () => {
    const error = new RegistryError({ code: 'SOME_CODE', message: 'this was given, that was expected.', fix: 'Do this.', cause: 7 });
    expect(String(error)).toBe('RegistryError [SOME_CODE]: this was given, that was expected. Do this.');
    expect(error.cause).toBe(7);
    expect(PolymodalError.isInstance(error)).toBe(true);
    const copied = { [Symbol.for('polymodal.error')]: true };
    expect(PolymodalError.isInstance(copied)).toBe(true);
    for (const other of [null, undefined, 'text', new Error('plain')]) expect(PolymodalError.isInstance(other)).toBe(false);
  });

  test('throwIfAborted throws the reason, and nothing without a signal', () => {
    const reason = { any: 'value' };
    expect(() => throwIfAborted(undefined)).not.toThrow();
    expect(() => throwIfAborted(new AbortController().signal)).not.toThrow();
    try {
      throwIfAborted(AbortSignal.abort(reason));
    } catch (error) {
      expect(error).toBe(reason);
    }
    expect.assertions(3);
  });
});

test("toTensor hands a runtime's class our own data, uncopied", () => {
  class Theirs {
    constructor(
      readonly type: string,
      readonly data: Float32Array,
      readonly dims: readonly number[],
    ) {}
  }
  const data = new Float32Array(2);
  expect(toTensor(Theirs, { type: 'float32', dims: [2], data })).toEqual(new Theirs('float32', data, [2]));
  expect(toTensor(Theirs, { type: 'float32', dims: [2], data }).data).toBe(data);
});
