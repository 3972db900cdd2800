import { PolymodalError } from '@polymodal/modality-registry';

/** What a recipe throws when its command line is wrong. */
export class ArgumentError extends PolymodalError {}

/**
 * Calls `parse`, which is `parseArgs` of node:util, and gives its errors our form.
 *
 * @throws ArgumentError `ARGUMENT_UNKNOWN`
 */
export function checkArguments<T>(parse: () => T): T {
  try {
    return parse();
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new ArgumentError({ code: 'ARGUMENT_UNKNOWN', message: `${message.split('. ')[0]}.`, fix: 'Try --help.', cause });
  }
}

/**
 * The value of an option that is a whole number.
 *
 * @throws ArgumentError `ARGUMENT_NUMBER`
 */
export function wholeNumber(option: string, text: string, lowest: number): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isSafeInteger(value) && value >= lowest) return value;
  throw new ArgumentError({
    code: 'ARGUMENT_NUMBER',
    message: `--${option} is '${text}', but must be a whole number from ${lowest}.`,
    fix: `Pass --${option} ${lowest}, say.`,
  });
}
