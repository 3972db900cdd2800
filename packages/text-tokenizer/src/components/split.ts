import type { JsonReader } from '../json/json-reader.js';
import { scannerFor } from '../scan/index.js';
import { readPattern, type Translate } from './pattern.js';
import { readBehavior, splitByPattern, splitting } from './split-pattern.js';
import type { PreTokenizer } from './tables.js';

/** Splits at a pattern; published patterns are scanned by hand. */
export function splitReader(translate: Translate): (json: JsonReader) => PreTokenizer {
  return (json) => {
    const pattern = json.field('pattern');
    const behavior = readBehavior(json.field('behavior'));
    const invert = json.field('invert').boolean(false);
    const scanner = typeof pattern.value === 'object' ? scannerFor(pattern.field('Regex').string('')) : undefined;
    const scans = scanner !== undefined && ((behavior === 'Removed' && invert) || (behavior === 'Isolated' && scanner.coversText));
    return splitting(scans ? scanner.split : splitByPattern(readPattern(pattern, translate), behavior, invert));
  };
}
