import type { CallOptions } from '@polymodal/modality-registry';
import { optionError } from './errors.js';
import { type LogitsProcessor, minP, repetitionPenalty, temperature, topK, topP } from './logits.js';

/** How to choose the next token. With neither temperature nor `topK`, `topP`, `minP`, it is the likeliest one (greedy). */
export interface SamplingOptions {
  /** 0 is greedy; default 1 where `topK`, `topP` or `minP` is given, else 0. */
  readonly temperature?: number;
  readonly topK?: number;
  readonly topP?: number;
  readonly minP?: number;
  /** Above 1 discourages tokens that the prompt or the answer already has. */
  readonly repetitionPenalty?: number;
  /** Run after the repetition penalty and before the temperature, in this order. */
  readonly processors?: readonly LogitsProcessor[];
}

export interface LengthOptions extends CallOptions {
  /** Default: as many as the model's context has room for. */
  readonly maxTokens?: number;
  /** Tokens that end a sequence; they are part of what is generated. */
  readonly stopIds?: readonly number[];
}

export interface GenerationOptions extends SamplingOptions, LengthOptions {
  /** Default 0. Each sequence of a batch draws from a stream of its own. */
  readonly seed?: number;
}

/** The steps from a model's logits to those that a token is chosen from, in the order of Hugging Face's `generate`. */
export function settleSampling(options: SamplingOptions): { readonly greedy: boolean; readonly processors: readonly LogitsProcessor[] } {
  const filters = [
    options.topK !== undefined && topK(options.topK),
    options.topP !== undefined && topP(options.topP),
    options.minP !== undefined && minP(options.minP),
  ].filter((one) => one !== false);
  const heat = options.temperature ?? (filters.length > 0 ? 1 : 0);
  if (heat !== 0) filters.unshift(temperature(heat));
  const { processors = [] } = options;
  if (!Array.isArray(processors) || processors.some((one) => typeof one !== 'function'))
    throw optionError('processors', options.processors, 'a list of functions');
  const before = [...(options.repetitionPenalty === undefined ? [] : [repetitionPenalty(options.repetitionPenalty)]), ...processors];
  return heat === 0 ? { greedy: true, processors: before } : { greedy: false, processors: [...before, ...filters] };
}

/** Throws `GENERATION_OPTIONS` where `value` is given and no whole number from 1 on. */
export function checkCount(name: string, value: number | undefined): void {
  if (value !== undefined && !(Number.isSafeInteger(value) && value > 0)) throw optionError(name, value, 'a whole number above 0');
}
