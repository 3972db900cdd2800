import { describe, expect, test } from '@jest/globals';
import { parts, toyPlugin } from '../test/toy-plugin.js';
import { PluginError, validatePlugin } from './validate-plugin.js';

const { tokenizer, encoder, embedder, adapter, languageModel, generator } = parts;
const sound = toyPlugin();
const withPart = (part: unknown) => ({ ...sound, parts: [part] });

const malformed: readonly (readonly [code: string, what: string, plugin: unknown])[] = [
  ['PLUGIN_SHAPE', 'nothing', null],
  ['PLUGIN_SHAPE', 'a name alone', '@acme/depth'],
  ['PLUGIN_SHAPE', 'no list of parts', { ...sound, parts: {} }],
  ['PLUGIN_SHAPE', 'no parts', { ...sound, parts: [] }],
  ['PLUGIN_SPECIFICATION_VERSION', 'a later version', { ...sound, specificationVersion: 'v2' }],
  ['PLUGIN_SPECIFICATION_VERSION', 'no version, no name', {}],
  ['PLUGIN_NAME', 'no name', { ...sound, name: undefined }],
  ['PLUGIN_NAME', 'an empty name', { ...sound, name: '' }],
  ['PLUGIN_NAME', 'a name with spaces', { ...sound, name: 'my plugin' }],
  ['PLUGIN_NAME', 'a name of 300 letters', { ...sound, name: 'x'.repeat(300) }],
  ['PLUGIN_VERSION', 'a number as version', { ...sound, version: 1 }],
  ['PLUGIN_VERSION', 'a version of words', { ...sound, version: 'newest' }],
  ['PLUGIN_PART', 'a part that is a function', withPart(() => [])],
  ['PLUGIN_PART_KIND', 'an unknown kind', withPart({ kind: 'teleporter' })],
  ['PLUGIN_PART_KIND', 'a kind of the prototype', withPart({ kind: 'toString' })],
  ['PLUGIN_PART_KIND', 'no kind', withPart({})],
  ['PLUGIN_PART_VERB', 'a missing verb', withPart({ kind: 'embedder', modality: 'text' })],
  ['PLUGIN_PART_VERB', 'a verb of another kind', withPart({ ...tokenizer, kind: 'processor' })],
  ['PLUGIN_PART_FIELD', 'no modality', withPart({ ...tokenizer, modality: '' })],
  ['PLUGIN_PART_FIELD', 'an id that is a number', withPart({ ...tokenizer, id: 7 })],
  ['PLUGIN_PART_FIELD', 'a decode that is true', withPart({ ...tokenizer, decode: true })],
  ['PLUGIN_PART_FIELD', 'a vocabulary of minus one', withPart({ ...tokenizer, vocabularySize: -1 })],
  ['PLUGIN_PART_FIELD', 'a dispose that is no method', withPart({ ...tokenizer, dispose: [1, 2] })],
  ['PLUGIN_PART_FIELD', 'a width of nothing', withPart({ ...encoder, width: 0 })],
  ['PLUGIN_PART_FIELD', 'a space without a fingerprint', withPart({ ...embedder, space: { name: 'x' } })],
  ['PLUGIN_PART_FIELD', 'an upper-case fingerprint', withPart({ ...embedder, space: { name: 'x', fingerprint: '0123456789ABCDEF' } })],
  ['PLUGIN_PART_FIELD', 'an adapter from nowhere', withPart({ ...adapter, from: undefined })],
  ['PLUGIN_PART_FIELD', 'an adapter into a malformed space', withPart({ ...adapter, to: { width: 1, space: {} } })],
  ['PLUGIN_PART_FIELD', 'a language model that reads nothing', withPart({ ...languageModel, from: [] })],
  ['PLUGIN_PART_FIELD', 'a generator of a list', withPart({ ...generator, to: ['image'] })],
  ['PLUGIN_PART_DUPLICATE', 'two parts that answer to one lookup', { ...sound, parts: [tokenizer, { ...tokenizer }] }],
];

describe('validatePlugin', () => {
  test.each(malformed)('refuses with %s: %s', (code, _, plugin) => {
    let error: unknown;
    try {
      validatePlugin(plugin);
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(PluginError);
    expect((error as PluginError).code).toBe(code);
    expect((error as PluginError).message.length).toBeLessThan(400);
  });

  test('names the plugin, the part and the field', () => {
    const broken = { ...sound, parts: [tokenizer, { ...encoder, width: 'wide' }] };
    expect(() => validatePlugin(broken)).toThrow(
      "plugin '@test/toy', parts[1]: `width` is 'wide', but an encoder needs a positive integer. Correct `width`.",
    );
  });

  test('accepts parts of one kind that an id or a space tells apart', () => {
    const elsewhere = { name: 'toy-v1', fingerprint: 'ffffffffffffffff' };
    validatePlugin({ ...sound, parts: [tokenizer, { ...tokenizer, id: 'second' }, embedder, { ...embedder, space: elsewhere }] });
  });
});
