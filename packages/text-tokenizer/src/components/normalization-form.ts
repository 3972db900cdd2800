import { normalize } from '../normalize.js';
import type { Rewriter } from '../pipeline/stages.js';
import { alignNormalization } from './align-normalization.js';

export type NormalizationForm = 'NFC' | 'NFD' | 'NFKC' | 'NFKD';

/** Unicode normalisation; a text that is normalised already, as most are, is passed on as it is. */
export function normalizationForm(form: NormalizationForm): Rewriter {
  return {
    apply: (text) => normalize(text, form),
    trace: (text) => (normalize(text.text, form) === text.text ? text : alignNormalization(text, form)),
  };
}
