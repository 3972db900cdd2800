import { checkFlag } from '../choices.js';
import { checkOptions, optionError } from '../errors.js';

/** What all that decodes has in common; those that are left out are not checked. */
interface Limits {
  readonly allowTruncated?: boolean | undefined;
  readonly maxSamples?: number | undefined;
  readonly maxBytes?: number | undefined;
  readonly timeoutSeconds?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** @throws AudioError `AUDIO_OPTION` for options that are no object, and for one of them that cannot be meant */
export function checkLimits<T extends Limits>(name: string, options: T): T {
  const { allowTruncated, maxSamples, maxBytes, timeoutSeconds, signal } = checkOptions(name, options);
  if (allowTruncated !== undefined) checkFlag('allowTruncated', allowTruncated);
  for (const [limit, value] of Object.entries({ maxSamples, maxBytes, timeoutSeconds })) {
    // False for NaN too.
    if (value !== undefined && !(typeof value === 'number' && value >= 0)) throw optionError(limit, value, 'a number from 0');
  }
  if (signal && typeof signal.throwIfAborted !== 'function') throw optionError('signal', signal, 'an AbortSignal');
  return options;
}
