import type { CausalModel } from './causal-model.js';
import { GenerationError } from './errors.js';

/** Checks a batch of prompts, and says how many tokens may follow the longest. Throws `GENERATION_PROMPT` and `GENERATION_CONTEXT`. */
export function roomAfter(
  model: Pick<CausalModel, 'vocabularySize' | 'contextLength'>,
  prompts: readonly ArrayLike<number>[],
  maxTokens: number | undefined,
): number {
  prompts.forEach((prompt, row) => {
    if (prompt.length === 0)
      throw new GenerationError({ code: 'GENERATION_PROMPT', message: `prompt ${row} is empty.`, fix: 'Begin with the start token.' });
    for (let i = 0; i < prompt.length; i++)
      if (!Number.isInteger(prompt[i]) || prompt[i]! < 0 || prompt[i]! >= model.vocabularySize)
        throw new GenerationError({
          code: 'GENERATION_PROMPT',
          message: `token ${i} of prompt ${row} is ${prompt[i]}, but this model has ids from 0 to ${model.vocabularySize - 1}.`,
          fix: "Use the model's own tokenizer.",
        });
  });
  const longest = prompts.reduce((length, prompt) => Math.max(length, prompt.length), 0);
  const room = model.contextLength - longest;
  if (room < 0)
    throw new GenerationError({
      code: 'GENERATION_CONTEXT',
      message: `a prompt has ${longest} tokens, but the model reads at most ${model.contextLength}.`,
      fix: 'Shorten the prompt.',
    });
  // The last token need not be read: it may stand just past the context.
  return Math.min(maxTokens ?? Number.POSITIVE_INFINITY, room + 1);
}
