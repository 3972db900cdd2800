import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { createRandom } from '@polymodal/modality-registry';
import { tableModel } from '../../test/table-model.js';
import { beamSearch } from './beam-search.js';
import { generateBatch } from './generate.js';
import { logProbabilities } from './logits.js';

interface BeamGolden {
  readonly table: readonly (readonly number[])[];
  readonly prompts: readonly (readonly number[])[];
  readonly beams: number;
  readonly maxTokens: number;
  readonly lengthPenalty: number;
  readonly earlyStopping: boolean | 'never';
  readonly stopIds: readonly number[];
  readonly repetitionPenalty: number;
  readonly keep: number;
  readonly results: readonly (readonly { readonly ids: readonly number[]; readonly score: number }[])[];
}

const { beams: goldens } = JSON.parse(readFileSync(new URL('../goldens/generation.json', import.meta.url), 'utf8')) as {
  beams: readonly BeamGolden[];
};

const randomTable = (seed: number, size: number): number[][] => {
  const random = createRandom(seed);
  return Array.from({ length: size }, () => Array.from({ length: size }, () => 2 * random.normal()));
};

describe('beam search', () => {
  test.each(goldens.map((golden, i) => [i, golden] as const))("gives transformers' sequences and scores: case %i", async (_, golden) => {
    const { table, prompts, results, ...options } = golden;
    const model = tableModel(table);
    const given = await beamSearch(model, prompts, options);
    // The original writes its first stop token, whichever ended a sequence.
    const plain = (ids: readonly number[]) => ids.map((id) => (options.stopIds.includes(id) ? options.stopIds[0] : id));
    expect(given.map((beams) => beams.map(({ ids }) => plain(ids)))).toEqual(results.map((beams) => beams.map(({ ids }) => ids)));
    given.flat().forEach(({ score }, i) => {
      expect(Math.abs(score - results.flat()[i]!.score)).toBeLessThan(1e-4);
    });
    expect(model.live()).toBe(0);
  });

  test('one beam is greedy', async () => {
    for (let seed = 0; seed < 20; seed++) {
      const model = tableModel(randomTable(seed, 7));
      const [beams] = await beamSearch(model, [[1]], { beams: 1, maxTokens: 6, stopIds: [3], earlyStopping: true });
      const [greedy] = await generateBatch(model, [[1]], { maxTokens: 6, stopIds: [3] });
      expect(beams![0]!.ids).toEqual(greedy!.ids);
    }
  });

  test('as many beams as sequences find the likeliest of all', async () => {
    for (let seed = 0; seed < 5; seed++) {
      const table = randomTable(seed, 4);
      const rows = table.map((row) => logProbabilities(Float32Array.from(row)));
      let best = { ids: [] as number[], score: Number.NEGATIVE_INFINITY };
      for (let code = 0; code < 4 ** 4; code++) {
        const ids = [0, 1, 2, 3].map((place) => Math.floor(code / 4 ** place) % 4);
        const score = ids.reduce((sum, id, i) => sum + rows[i === 0 ? 2 : ids[i - 1]!]![id]!, 0);
        if (score > best.score) best = { ids, score };
      }
      const [found] = await beamSearch(tableModel(table), [[2]], { beams: 64, maxTokens: 4 });
      expect(found![0]!.ids).toEqual(best.ids);
      expect(found![0]!.score).toBeCloseTo(best.score / 4, 5);
    }
  });

  test('prompts of different lengths, and what cannot be meant', async () => {
    const model = tableModel(randomTable(1, 9));
    const options = { beams: 3, maxTokens: 5, stopIds: [4], keep: 2 };
    const alone = await Promise.all([[1], [5, 6, 7]].map(async (prompt) => (await beamSearch(model, [prompt], options))[0]));
    expect(await beamSearch(model, [[1], [5, 6, 7]], options)).toEqual(alone);
    const short = tableModel(randomTable(1, 9), 6);
    const room = await Promise.all([[1, 2, 3], [5]].map(async (prompt) => (await beamSearch(short, [prompt]))[0]));
    expect(await beamSearch(short, [[1, 2, 3], [5]])).toEqual(room);
    expect(room.map((beams) => beams![0]!.ids.length)).toEqual([4, 6]); // each to the end of its own context
    expect(await beamSearch(model, [], options)).toEqual([]);
    for (const bad of [
      ...[{ beams: 0 }, { keep: 5 }, { lengthPenalty: Number.NaN }, { maxTokens: 1.5 }],
      ...[{ stopIds: 4 as never }, { earlyStopping: 'always' as never }],
    ])
      await expect(beamSearch(model, [[1]], bad)).rejects.toMatchObject({ code: 'GENERATION_OPTIONS' });
    await expect(beamSearch(model, [[1]], { signal: AbortSignal.abort(new Error('no')) })).rejects.toThrow('no');
    expect(model.live() + short.live()).toBe(0);
  });
});
