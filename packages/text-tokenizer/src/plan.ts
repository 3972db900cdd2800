import { describe, optionsError } from './errors.js';
import type { EncodeOptions } from './options.js';
import { isSpecialItem, type TemplateItem } from './pipeline/template.js';
import type { TextEncoder } from './pipeline/text-encoder.js';
import type { TruncationStrategy } from './pipeline/truncate.js';
import type { TokenizerParts } from './tokenizer.js';

type PlanParts = Pick<TokenizerParts, 'template' | 'modelMaxLength' | 'defaults' | 'encoder'>;

/** What the options of a call come to. */
export interface Plan {
  readonly single: readonly TemplateItem[];
  readonly pair: readonly TemplateItem[];
  /** What goes around a single text, where nothing else is to be told of it. */
  readonly frame: Frame | undefined;
  readonly encoder: TextEncoder;
  readonly truncation: false | TruncationStrategy | 'tail';
  /** Infinity where there is none. */
  readonly limit: number;
  readonly stride: number;
  readonly overflow: boolean;
  readonly offsets: boolean;
}

/** Ids before and after a text. */
export interface Frame {
  readonly before: readonly number[];
  readonly after: readonly number[];
}

/** Throws TOKENIZER_OPTIONS for a length or a stride that cannot be meant. */
export function makePlan({ template, modelMaxLength, defaults, encoder }: PlanParts, options: EncodeOptions): Plan {
  const { addSpecialTokens = true, truncation = false, maxLength, stride = 0, overflow = false, offsets = false } = options;
  checkOneOf('truncation', truncation, truncations);
  checkOneOf('specialTokens', options.specialTokens ?? 'parse', ['parse', 'text', 'refuse']);
  const items = (all: readonly TemplateItem[]) => (addSpecialTokens ? all : all.filter((item) => !isSpecialItem(item)));
  const limit = maxLength ?? (truncation ? modelMaxLength : undefined);
  const single = items(template.single);
  const plan = {
    single,
    pair: items(template.pair),
    frame: offsets || overflow ? undefined : frameOf(single),
    encoder: encoder(options.specialTokens ?? defaults.specialTokens ?? 'parse'),
    truncation: truncation === true ? ('longest-first' as const) : truncation,
    limit: limit ?? Number.POSITIVE_INFINITY,
    stride,
    overflow,
    offsets,
  };
  const special = plan.single.filter(isSpecialItem).length;
  const least = Math.max(1, truncation === false || truncation === 'tail' ? 0 : special);
  if (limit !== undefined && !(Number.isInteger(limit) && limit >= least)) {
    throw optionsError(
      `maxLength is ${limit}, but a whole number of at least ${least} was expected${least > 1 ? ' (begin and end tokens count)' : ''}.`,
      'Raise maxLength.',
    );
  }
  const most = limit === undefined ? Number.POSITIVE_INFINITY : Math.max(1, limit - special);
  if (!(Number.isInteger(stride) && stride >= 0 && stride < most)) {
    throw optionsError(
      `stride is ${stride}, but a whole number from 0 to below ${most} was expected: what a part has room for.`,
      'Lower stride, or raise maxLength.',
    );
  }
  return plan;
}

const truncations = [true, false, 'longest-first', 'only-first', 'only-second', 'tail'];

function checkOneOf(name: string, value: unknown, known: readonly unknown[]): void {
  if (known.includes(value)) return;
  throw optionsError(
    `${name} is ${describe(value)}, but one of ${known.map((each) => JSON.stringify(each)).join(', ')} was expected.`,
    'Use one of these.',
  );
}

/** Undefined when a template does more than that. */
function frameOf(items: readonly TemplateItem[]): Frame | undefined {
  const at = items.findIndex((item) => !isSpecialItem(item));
  const special = items.filter(isSpecialItem);
  if (special.length !== items.length - 1 || items.some(({ typeId }) => typeId !== 0)) return undefined;
  const ids = special.map(({ id }) => id);
  return { before: ids.slice(0, at), after: ids.slice(at) };
}
