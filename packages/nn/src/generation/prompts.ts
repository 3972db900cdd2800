import type { TensorLike } from '@polymodal/modality-registry';
import type { CausalModel, CausalOutput, Prompt, PromptPart } from './causal-model.js';
import { GenerationError } from './errors.js';

type Limits = Pick<CausalModel, 'vocabularySize' | 'contextLength' | 'embeddingWidth'>;

/** The parts of a prompt; ids are one. */
export function partsOf(prompt: Prompt): readonly PromptPart[] {
  const isList = (given: Prompt): given is readonly PromptPart[] =>
    Array.isArray(given) && given.some((part) => typeof part === 'object' && part !== null);
  return isList(prompt) ? prompt : [{ ids: prompt }];
}

const lengthOf = (part: PromptPart): number => ('ids' in part ? part.ids.length : part.embeddings.dims[0]!);

/** How many places a prompt takes. */
export const promptLength = (prompt: Prompt): number => partsOf(prompt).reduce((length, part) => length + lengthOf(part), 0);

/** The tokens of a prompt, without what stands for them elsewhere. */
export const promptIds = (prompt: Prompt): number[] => partsOf(prompt).flatMap((part) => ('ids' in part ? Array.from(part.ids) : []));

const refusal = (message: string, fix: string) => new GenerationError({ code: 'GENERATION_PROMPT', message, fix });

/** Throws `GENERATION_PROMPT` where an id is not of the vocabulary; `name` says which it is. */
export function checkId(id: number, vocabularySize: number, name: () => string): void {
  if (!Number.isInteger(id) || id < 0 || id >= vocabularySize)
    throw refusal(`${name()} is ${id}, but this model has ids from 0 to ${vocabularySize - 1}.`, "Use the model's own tokenizer.");
}

function checkEmbeddings({ type, dims, data }: TensorLike, width: number | undefined, row: number): void {
  const given = `${type} [${dims.join(', ')}]`;
  if (width === undefined) throw refusal(`prompt ${row} has embeddings, but this model takes ids alone.`, 'Give ids.');
  if (type !== 'float32' || dims.length !== 2 || !(dims[0]! > 0) || dims[1] !== width || data.length !== dims[0]! * width)
    throw refusal(
      `embeddings of prompt ${row} are ${given} with ${data.length} numbers, but must be float32 [length, ${width}], of one vector or more.`,
      "Project them to the width of the model's table of tokens.",
    );
  const bad = (data as Float32Array).findIndex((value) => !Number.isFinite(value));
  if (bad >= 0)
    throw refusal(
      `number ${bad % width} of vector ${Math.floor(bad / width)} of prompt ${row} is ${data[bad]}.`,
      'Check what made the embeddings.',
    );
}

/** Checks a batch of prompts. Throws `GENERATION_PROMPT` and `GENERATION_CONTEXT`. */
export function checkPrompts(model: Limits, prompts: readonly Prompt[]): void {
  for (const [row, prompt] of prompts.entries()) {
    if (typeof prompt !== 'object' || typeof prompt?.length !== 'number')
      throw refusal(`prompt ${row} is ${JSON.stringify(prompt)}.`, 'Give a list of ids or of parts; of texts, see generateText.');
    let length = 0;
    for (const part of partsOf(prompt)) {
      if (Object(part) !== part || !('ids' in part || 'embeddings' in part))
        throw refusal(`prompt ${row} has a part without ids and embeddings.`, 'Give { ids } or { embeddings }.');
      if ('ids' in part && 'embeddings' in part)
        throw refusal(`prompt ${row} has a part with both ids and embeddings.`, 'Give two parts, one behind the other.');
      if ('ids' in part)
        for (let i = 0; i < part.ids.length; i++) checkId(part.ids[i]!, model.vocabularySize, () => `token ${length + i} of prompt ${row}`);
      else checkEmbeddings(part.embeddings, model.embeddingWidth, row);
      length += lengthOf(part);
    }
    if (length === 0) throw refusal(`prompt ${row} is empty.`, 'Begin with the start token.');
    if (length > model.contextLength)
      throw new GenerationError({
        code: 'GENERATION_CONTEXT',
        message: `prompt ${row} has ${length} tokens, but the model reads at most ${model.contextLength}.`,
        fix: 'Shorten the prompt.',
      });
  }
}

/** Checks a batch of prompts, and says how many tokens may follow each. Throws `GENERATION_PROMPT` and `GENERATION_CONTEXT`. */
export function roomAfter(model: Limits, prompts: readonly Prompt[], maxTokens: number | undefined): number[] {
  checkPrompts(model, prompts);
  // The last token need not be read: it may stand just past the context.
  return prompts.map((prompt) => Math.min(maxTokens ?? Number.POSITIVE_INFINITY, model.contextLength - promptLength(prompt) + 1));
}

/** Reads prompts that were checked, parts only where the model knows them. */
export function prefill<State>(model: CausalModel<State>, prompts: readonly Prompt[]): Promise<CausalOutput<State>> {
  return model.prefill(model.embeddingWidth === undefined ? prompts.map(promptIds) : prompts);
}

/** Prompts side by side, without their padding. */
export interface PackedPrompts {
  /** All tokens, then all vectors: together the rows of a table. */
  readonly ids: readonly number[];
  readonly vectors: Float32Array;
  /** Which of the rows stands in each place. [batch][longest], padding at the left */
  readonly places: readonly (readonly number[])[];
  /** How many places of each prompt are padding. */
  readonly offsets: readonly number[];
}

/** Packs prompts that were checked. */
export function packPrompts(prompts: readonly Prompt[], width: number): PackedPrompts {
  const parts = prompts.map(partsOf);
  const lengths = prompts.map(promptLength);
  const longest = Math.max(...lengths);
  const ids = prompts.flatMap(promptIds);
  const vectors = new Float32Array((lengths.reduce((total, length) => total + length, 0) - ids.length) * width);
  let token = 0;
  let vector = 0;
  const placesOf = (part: PromptPart): number[] => {
    if ('ids' in part) return Array.from(part.ids, () => token++);
    vectors.set(part.embeddings.data, vector * width);
    return Array.from({ length: lengthOf(part) }, () => ids.length + vector++);
  };
  const offsets = lengths.map((length) => longest - length);
  // Padding reads some row, of which nothing is seen.
  const places = parts.map((own, row) => [...new Array<number>(offsets[row]!).fill(0), ...own.flatMap(placesOf)]);
  return { ids, vectors, places, offsets };
}
