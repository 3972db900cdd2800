import type { Rewriter } from '../pipeline/stages.js';
import { alignNormalization } from './align-normalization.js';

export type NormalizationForm = 'NFC' | 'NFD' | 'NFKC' | 'NFKD';

/** Unicode normalisation; a text that is normalised already, as most are, is passed on as it is. */
export function normalizationForm(form: NormalizationForm): Rewriter {
  return {
    apply: (text) => text.normalize(form),
    trace: (text) => (text.text.normalize(form) === text.text ? text : alignNormalization(text, form)),
  };
}
