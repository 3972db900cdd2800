import { describe, expect, test } from '@jest/globals';
import { createRandom } from '@polymodal/modality-registry';
import fc from 'fast-check';
import { tableModel } from '../../test/table-model.js';
import type { Prompt } from './causal-model.js';
import { generate, generateBatch } from './generate.js';
import { suppress } from './logits.js';
import type { GenerationOptions } from './options.js';

const randomTable = (seed: number, size = 12): number[][] => {
  const random = createRandom(seed);
  return Array.from({ length: size }, () => Array.from({ length: size }, () => 2 * random.normal()));
};
const model = tableModel(randomTable(1));

async function ids(prompt: readonly number[], options: GenerationOptions): Promise<number[]> {
  const out: number[] = [];
  for await (const { id } of generate(model, prompt, options)) out.push(id);
  return out;
}

describe('one sequence', () => {
  test('greedy follows the largest logit; top-k of 1 does the same', async () => {
    const table = randomTable(1);
    const expected: number[] = [];
    for (let last = 3; expected.length < 10; last = expected.at(-1)!) expected.push(table[last]!.indexOf(Math.max(...table[last]!)));
    expect(await ids([3], { maxTokens: 10 })).toEqual(expected);
    expect(await ids([3], { maxTokens: 10, temperature: 0, topK: 5 })).toEqual(expected);
    expect(await ids([3], { maxTokens: 10, topK: 1, seed: 9 })).toEqual(expected);
  });

  test('a seed reproduces a sample; another gives another', async () => {
    const sample = (seed: number) => ids([3], { maxTokens: 30, temperature: 2, seed });
    expect(await sample(1)).toEqual(await sample(1));
    expect(await sample(1)).not.toEqual(await sample(2));
  });

  test('the frequencies of what follows are those of the filtered, renormalised softmax', async () => {
    const logits = [0.2, 1.5, -0.3, 0.9, -2];
    const table = logits.map(() => logits);
    const chain = tableModel(table, 1e6);
    const counts = new Float64Array(5);
    for await (const { id } of generate(chain, [0], { maxTokens: 20_000, temperature: 0.7, topK: 4, topP: 0.9, seed: 5 })) counts[id]!++;
    // By hand: divide by 0.7, drop the least of five, then the fewest of the rest whose sum reaches 0.9.
    const order = [1, 3, 0, 2];
    const weights = order.map((id) => Math.exp(logits[id]! / 0.7));
    const total = weights.reduce((a, b) => a + b, 0);
    const nucleus = order.filter((_, rank) => weights.slice(0, rank).reduce((a, b) => a + b, 0) / total < 0.9);
    expect(nucleus).toEqual([1, 3, 0]);
    const mass = nucleus.reduce((sum, id) => sum + Math.exp(logits[id]! / 0.7), 0);
    let chiSquare = 0;
    for (const id of nucleus) {
      const expected = (20_000 * Math.exp(logits[id]! / 0.7)) / mass;
      chiSquare += (counts[id]! - expected) ** 2 / expected;
    }
    expect(counts[2]! + counts[4]!).toBe(0);
    expect(chiSquare).toBeLessThan(13.82); // 2 degrees of freedom, p = 0.001
  });

  test('processors see the whole sequence, after the penalty and before the temperature', async () => {
    const seen: number[][] = [];
    await ids([3, 4], {
      maxTokens: 3,
      temperature: 100,
      processors: [
        (logits, sequence) => {
          seen.push([...sequence]);
          return logits.map((_, id) => (id === sequence.length ? 0 : Number.NEGATIVE_INFINITY));
        },
      ],
    });
    expect(seen).toEqual([
      [3, 4],
      [3, 4, 2],
      [3, 4, 2, 3],
    ]);
  });

  test('ends at a stop token, at maxTokens, or where the context is full', async () => {
    const line = tableModel(
      [0, 1, 2, 3, 4].map((at) => [0, 1, 2, 3, 4].map((to) => Number(to === (at + 1) % 5))),
      6,
    );
    const run = (options: GenerationOptions) => generateBatch(line, [[0]], options);
    expect(await run({ stopIds: [3], maxTokens: 5 })).toEqual([{ ids: [1, 2, 3], finish: 'stop' }]);
    expect(await run({ maxTokens: 2 })).toEqual([{ ids: [1, 2], finish: 'length' }]);
    expect(await run({})).toEqual([{ ids: [1, 2, 3, 4, 0, 1], finish: 'context' }]); // 5 read after the prompt, and one that need not be read
    expect(await run({ maxTokens: 3, stopIds: [3] })).toEqual([{ ids: [1, 2, 3], finish: 'stop' }]);
  });
});

describe('batches', () => {
  test('each row is what it is alone, however the others end; progress counts steps', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(fc.nat(11), { minLength: 1, maxLength: 4 }), { maxLength: 5 }), async (prompts) => {
        const options = { maxTokens: 12, stopIds: [2, 5] };
        const alone = await Promise.all(prompts.map(async (prompt) => (await generateBatch(model, [prompt], options))[0]));
        expect(await generateBatch(model, prompts, options)).toEqual(alone);
      }),
      { numRuns: 50 },
    );
    const done: unknown[] = [];
    await generateBatch(model, [[1], [2, 3]], { maxTokens: 3, onProgress: (progress) => done.push(progress) });
    expect(done).toEqual([1, 2, 3].map((step) => ({ done: step, total: 3, stage: 'generating' })));
  });

  test('a row goes on to the end of its own context, however long the others are', async () => {
    const short = tableModel(randomTable(1), 6);
    const batch = await generateBatch(short, [[1, 2, 3, 4], [5], [6, 7]]);
    expect(batch.map(({ ids: { length }, finish }) => [length, finish])).toEqual([3, 6, 5].map((length) => [length, 'context']));
    expect(batch[1]).toEqual((await generateBatch(short, [[5]]))[0]);
  });

  test('what a row draws does not depend on the others', async () => {
    const options = { maxTokens: 20, temperature: 1.5, seed: 3, stopIds: [4] };
    const [, middle] = await generateBatch(model, [[1], [2], [3]], options);
    for (const [before, after] of [
      [[5, 6], [7]],
      [[4], [2, 2, 2]],
    ])
      expect((await generateBatch(model, [before!, [2], after!], options))[1]).toEqual(middle);
  });

  test('rows of one batch draw from different streams', async () => {
    const [a, b] = await generateBatch(model, [[3], [3]], { maxTokens: 30, temperature: 2 });
    expect(a).not.toEqual(b);
  });
});

describe('how it ends', () => {
  test('an abort throws its reason; leaving the loop, an abort and an error all give the state back', async () => {
    const control = new AbortController();
    const aborted = (async () => {
      for await (const _ of generate(model, [1], { maxTokens: 100, signal: control.signal })) control.abort(new Error('enough'));
    })();
    await expect(aborted).rejects.toThrow('enough');
    for await (const _ of generate(model, [1], {})) break;
    const slow = new AbortController();
    const given: number[] = [];
    const late: typeof model = {
      ...model,
      async step(state, ids) {
        const output = await model.step(state, ids);
        slow.abort(new Error('while it computed'));
        return output;
      },
    };
    const cut = (async () => {
      for await (const { id } of generate(late, [1], { signal: slow.signal })) given.push(id);
    })();
    await expect(cut).rejects.toThrow('while it computed');
    expect(given).toHaveLength(1);
    const nan = generateBatch(model, [[1]], { processors: [(logits) => logits.fill(Number.NaN)] });
    await expect(nan).rejects.toMatchObject({ code: 'GENERATION_LOGITS' });
    await expect(generateBatch(model, [[1]], { signal: AbortSignal.abort(new Error('before')) })).rejects.toThrow('before');
    expect(model.live()).toBe(0);
  });

  test.each([
    ['an empty prompt', [[]], {}, 'GENERATION_PROMPT'],
    ['an id outside the vocabulary', [[1], [12]], {}, 'GENERATION_PROMPT'],
    ['an id that is no whole number', [[0.5]], {}, 'GENERATION_PROMPT'],
    [
      'vectors, where the model takes ids',
      [[{ embeddings: { type: 'float32', dims: [1, 2], data: new Float32Array(2) } }]],
      {},
      'GENERATION_PROMPT',
    ],
    ['a prompt longer than the context', [new Array<number>(1001).fill(0)], {}, 'GENERATION_CONTEXT'],
    ['maxTokens of 0', [[1]], { maxTokens: 0 }, 'GENERATION_OPTIONS'],
    ['a temperature below 0', [[1]], { temperature: -1 }, 'GENERATION_OPTIONS'],
    ['an id in place of a list', [[1]], { stopIds: 2 as never }, 'GENERATION_OPTIONS'],
    ['a stop id that is no id', [[1]], { stopIds: [-1] }, 'GENERATION_OPTIONS'],
    ['a processor in place of a list', [[1]], { processors: suppress([1]) as never }, 'GENERATION_OPTIONS'],
    ['a processor that is no function', [[1]], { processors: [1 as never] }, 'GENERATION_OPTIONS'],
    ['a seed that is no whole number', [[1]], { seed: 1.5 }, 'GENERATION_OPTIONS'],
    ['ids in place of prompts', [1, 2] as never, {}, 'GENERATION_PROMPT'],
    ['a text in place of ids', ['ab' as never], {}, 'GENERATION_PROMPT'],
  ] as const satisfies readonly (readonly [string, readonly Prompt[], GenerationOptions, string])[])(
    '%s is refused',
    async (_, prompts, options, code) => {
      await expect(generateBatch(model, prompts, options)).rejects.toMatchObject({ code });
    },
  );

  test('parts of ids are ids', async () => {
    const options = { maxTokens: 5, temperature: 1 };
    expect(await generateBatch(model, [[{ ids: [1, 2] }, { ids: [] }, { ids: Uint8Array.of(3) }]], options)).toEqual(
      await generateBatch(model, [[1, 2, 3]], options),
    );
  });

  test('no prompts, no sequences', async () => {
    expect(await generateBatch(model, [])).toEqual([]);
  });
});
