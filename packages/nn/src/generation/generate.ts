import { createRandom, throwIfAborted } from '@polymodal/modality-registry';
import type { CausalModel, Prompt } from './causal-model.js';
import { greedyChoice, sampleChoice } from './choose.js';
import { checkIds, optionError } from './errors.js';
import { applyProcessors } from './logits.js';
import { checkCount, type GenerationOptions, settleSampling } from './options.js';
import { prefill, promptIds, roomAfter } from './prompts.js';

/** Why a sequence ended: a stop token or string, `maxTokens`, or the end of the model's context. */
export type FinishReason = 'stop' | 'length' | 'context';

export interface GeneratedToken {
  /** Which prompt of the batch it continues. */
  readonly row: number;
  readonly id: number;
  /** Given with the last token of a sequence. */
  readonly finish?: FinishReason;
}

/** Decides about a token that was just generated: `true` ends its sequence. */
export type StopRule = (row: number, id: number) => boolean;

/**
 * The loop itself: continues every prompt of a batch, token by token. A sequence that has ended leaves the batch. The state is released
 * however the loop ends; an aborted signal throws its reason between two steps.
 */
export async function* generateRows<State>(
  model: CausalModel<State>,
  prompts: readonly Prompt[],
  options: GenerationOptions,
  stops: StopRule,
): AsyncGenerator<GeneratedToken, void, undefined> {
  const { seed = 0 } = options;
  checkCount('maxTokens', options.maxTokens);
  checkIds('stopIds', options.stopIds);
  if (!(Number.isSafeInteger(seed) && seed >= 0)) throw optionError('seed', seed, 'a whole number from 0 on');
  const { greedy, processors } = settleSampling(options);
  const limits = roomAfter(model, prompts, options.maxTokens);
  const stopIds = new Set(options.stopIds);
  const root = createRandom(seed).fork('generate');
  throwIfAborted(options.signal);
  if (prompts.length === 0) return;
  const total = Math.max(...limits);
  const rows = prompts.map((prompt, row) => ({ row, ids: promptIds(prompt), random: root.fork(row), limit: limits[row]! }));
  let { logits, state } = await prefill(model, prompts);
  let live = rows;
  try {
    for (let made = 1; ; made++) {
      throwIfAborted(options.signal);
      const going: number[] = [];
      for (const [at, sequence] of live.entries()) {
        const next = applyProcessors(processors, logits[at]!, sequence.ids);
        const id = greedy ? greedyChoice(next) : sampleChoice(next, sequence.random);
        sequence.ids.push(id);
        const stopped = stopIds.has(id);
        const finish =
          stops(sequence.row, id) || stopped
            ? 'stop'
            : made < sequence.limit
              ? undefined
              : made === options.maxTokens
                ? 'length'
                : 'context';
        if (finish === undefined) going.push(at);
        yield finish === undefined ? { row: sequence.row, id } : { row: sequence.row, id, finish };
      }
      options.onProgress?.({ done: made, ...(Number.isFinite(total) && { total }), stage: 'generating' });
      throwIfAborted(options.signal);
      if (going.length === 0) return;
      if (going.length < live.length) {
        state = await model.select(state, going);
        live = going.map((at) => live[at]!);
      }
      ({ logits, state } = await model.step(
        state,
        live.map(({ ids }) => ids.at(-1)!),
      ));
    }
  } finally {
    model.release(state);
  }
}

/**
 * Continues one prompt, token by token. Throws `GENERATION_OPTIONS`, `GENERATION_PROMPT` and `GENERATION_CONTEXT` before the first token,
 * `GENERATION_LOGITS` where the model's numbers allow no token, and the reason of an aborted signal.
 *
 * @example for await (const { id } of generate(model, ids, { maxTokens: 20, temperature: 0.8, topP: 0.95, seed: 1 })) …
 */
export function generate<State>(
  model: CausalModel<State>,
  prompt: Prompt,
  options: GenerationOptions = {},
): AsyncGenerator<GeneratedToken, void, undefined> {
  return generateRows(model, [prompt], options, () => false);
}

export interface Generated {
  /** What follows the prompt, the stop token included. */
  readonly ids: readonly number[];
  readonly finish: FinishReason;
}

/** Continues a batch of prompts of any lengths; throws as {@link generate}. */
export async function generateBatch<State>(
  model: CausalModel<State>,
  prompts: readonly Prompt[],
  options: GenerationOptions = {},
): Promise<Generated[]> {
  const ids: number[][] = prompts.map(() => []);
  const reasons: FinishReason[] = prompts.map(() => 'length');
  for await (const { row, id, finish } of generateRows(model, prompts, options, () => false)) {
    ids[row]!.push(id);
    if (finish !== undefined) reasons[row] = finish;
  }
  return ids.map((own, row) => ({ ids: own, finish: reasons[row]! }));
}
