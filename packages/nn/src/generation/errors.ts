import { PolymodalError } from '@polymodal/modality-registry';

/**
 * What text generation throws. Codes: `GENERATION_OPTIONS`, `GENERATION_PROMPT`, `GENERATION_CONTEXT`, `GENERATION_LOGITS`,
 * `GENERATION_STATE`.
 */
export class GenerationError extends PolymodalError {}

export function optionError(name: string, given: unknown, expected: string): GenerationError {
  return new GenerationError({
    code: 'GENERATION_OPTIONS',
    message: `${name} is ${typeof given === 'number' ? String(given) : JSON.stringify(given)}, but must be ${expected}.`,
    fix: `Pass another ${name}, or leave it out.`,
  });
}
