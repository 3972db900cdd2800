import { describe, expect, test } from '@jest/globals';
import { parts } from '../test/toy-plugin.js';
import type { AdapterPart, EmbedderPart, GeneratorPart, LanguageModelPart, Part } from './part.js';
import { definePlugin } from './plugin.js';
import { createRegistry } from './registry.js';
import type { Space } from './space.js';

const joint: Space = { name: 'joint', fingerprint: '1111111111111111' };
const other: Space = { name: 'other', fingerprint: '2222222222222222' };

const embedderOf = <M extends 'text' | 'image' | 'audio'>(modality: M, space: Space): Part =>
  ({ ...parts.embedder, modality, space }) as EmbedderPart as Part;
const plugin = (name: string, ...offered: readonly Part[]) => definePlugin({ name, version: '1.0.0', parts: offered });
const bridge: AdapterPart = { ...parts.adapter, from: { width: 3, space: joint }, to: { width: 3, space: other } };
const speech: LanguageModelPart = { ...parts.languageModel, from: ['audio'], to: ['text'] };
const painter: GeneratorPart<'image'> = parts.generator;

const clip = plugin('clip', embedderOf('text', joint), embedderOf('image', joint));
const summaries = (registry: ReturnType<typeof createRegistry>, query: Parameters<typeof registry.route>[0]): string[] =>
  registry.route(query).map(({ summary }) => summary);

describe('route', () => {
  test('finds a generator, and a search through a shared space, shortest first', () => {
    const registry = createRegistry([clip, plugin('painter', painter)]);
    const routes = registry.route({ from: 'text', to: 'image' });
    expect(routes.map(({ summary, by }) => [summary, by])).toEqual([
      ['text → [painter generator] → image', 'generation'],
      ['text → [clip embedder] → space joint → [search, clip embedder] → image', 'retrieval'],
    ]);
    expect(routes[1]!.steps.map(({ via, part }) => [via, part])).toEqual([
      ['embedder', clip.parts[0]],
      ['retrieval', clip.parts[1]],
    ]);
  });

  test('chains parts through another modality', () => {
    expect(summaries(createRegistry([plugin('speech', speech), plugin('painter', painter)]), { from: 'audio', to: 'image' })).toEqual([
      'audio → [speech language-model] → text → [painter generator] → image',
    ]);
  });

  test('crosses spaces only by an adapter, never by an equal name or width', () => {
    const renamed = plugin('renamed', embedderOf('audio', { ...other, name: 'joint' }));
    const query = { from: 'text', to: 'audio' } as const;
    expect(() => createRegistry([clip, renamed]).route(query)).toThrow(/no way of at most 4 steps leads from 'text' to 'audio'/);
    expect(() => createRegistry([clip, renamed, plugin('widths', parts.adapter)]).route(query)).toThrow('no way');
    expect(summaries(createRegistry([clip, renamed, plugin('bridge', bridge)]), query)).toEqual([
      'text → [clip embedder] → space joint → [bridge adapter] → space other → [search, renamed embedder] → audio',
    ]);
  });

  test('leads from a modality to itself', () => {
    expect(summaries(createRegistry([clip]), { from: 'image', to: 'image' })).toEqual([
      'image → [clip embedder] → space joint → [search, clip embedder] → image',
    ]);
  });

  test('ends at a search: what it finds is not known before', () => {
    const sounds = plugin('sounds', embedderOf('text', joint), embedderOf('audio', joint));
    expect(() =>
      createRegistry([sounds, plugin('captions', { ...parts.languageModel, from: ['audio'], to: ['video'] })]).route({
        from: 'text',
        to: 'video',
      }),
    ).toThrow('no way');
  });

  test('keeps to maxSteps and limit, and refuses senseless ones', () => {
    const registry = createRegistry([clip, plugin('speech', speech), plugin('painter', painter)]);
    expect(summaries(registry, { from: 'audio', to: 'image' })).toHaveLength(2);
    expect(summaries(registry, { from: 'audio', to: 'image', maxSteps: 2 })).toHaveLength(1);
    expect(summaries(registry, { from: 'audio', to: 'image', limit: 1 })).toHaveLength(1);
    expect(() => registry.route({ from: 'audio', to: 'image', maxSteps: 1 })).toThrow(
      /'audio' leads to text; 'image' is reached from space joint, text/,
    );
    for (const bad of [{ maxSteps: 0 }, { maxSteps: 9 }, { maxSteps: 1.5 }, { limit: 0 }]) {
      expect(() => registry.route({ from: 'audio', to: 'image', ...bad })).toThrow('maxSteps is an integer from 1 to 8');
    }
  });

  test('says what there is when nothing leads there', () => {
    expect(() => createRegistry().route({ from: 'text', to: 'image' })).toThrow(
      "'text' leads to nothing; 'image' is reached from nothing. Installed: nothing",
    );
  });

  test('stays quick among very many parts', () => {
    const modalities = Array.from({ length: 40 }, (_, i) => `m${i}` as 'text');
    const hub = plugin('hub', { ...parts.languageModel, from: modalities, to: modalities });
    const start = performance.now();
    expect(createRegistry([hub]).route({ from: 'm0' as 'text', to: 'm39' as 'text', maxSteps: 8 })).toHaveLength(32);
    expect(() => createRegistry([hub]).route({ from: 'm0' as 'text', to: 'image', maxSteps: 8 })).toThrow('no way');
    expect(performance.now() - start).toBeLessThan(2000);
  });
});
