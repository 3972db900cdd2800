import { PolymodalError } from '@polymodal/modality-registry';

/**
 * What text generation throws. Codes: `GENERATION_OPTIONS`, `GENERATION_PROMPT`, `GENERATION_INPUT`, `GENERATION_CONTEXT`,
 * `GENERATION_LOGITS`, `GENERATION_STATE`.
 */
export class GenerationError extends PolymodalError {}

export function optionError(name: string, given: unknown, expected: string): GenerationError {
  return new GenerationError({
    code: 'GENERATION_OPTIONS',
    message: `${name} is ${typeof given === 'number' ? String(given) : JSON.stringify(given)}, but must be ${expected}.`,
    fix: `Pass another ${name}, or leave it out.`,
  });
}

/** Throws `GENERATION_OPTIONS` where `value` is given and no list of ids. */
export function checkIds(name: string, value: readonly number[] | undefined): void {
  if (value !== undefined && !(Array.isArray(value) && value.every((id) => Number.isSafeInteger(id) && id >= 0)))
    throw optionError(name, value, 'a list of ids');
}
