import { optionsError } from './errors.js';
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

/**
 * The plan for settled options; `paired` when there are pairs among the texts. Throws TOKENIZER_OPTIONS for a length or a stride that leaves
 * no room.
 */
export function makePlan({ template, modelMaxLength, defaults, encoder }: PlanParts, options: EncodeOptions, paired: boolean): Plan {
  const { addSpecialTokens = true, truncation = false, maxLength, stride = 0, overflow = false, offsets = false } = options;
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
  if (limit === undefined || truncation === false || truncation === 'tail') return plan;
  const special = (paired ? plan.pair : single).filter(isSpecialItem).length;
  if (limit < special) {
    throw optionsError(
      `maxLength is ${limit}, but the special tokens of a text${paired ? ' pair' : ''} alone are ${special}.`,
      'Raise maxLength.',
    );
  }
  const most = Math.max(1, limit - special);
  if (stride >= most) {
    throw optionsError(
      `stride is ${stride}, but a part has room for ${limit - special} ids besides its special tokens, and shares fewer with the one before.`,
      'Lower stride, or raise maxLength.',
    );
  }
  return plan;
}

/** Undefined when a template does more than that. */
function frameOf(items: readonly TemplateItem[]): Frame | undefined {
  const at = items.findIndex((item) => !isSpecialItem(item));
  const special = items.filter(isSpecialItem);
  if (special.length !== items.length - 1 || items.some(({ typeId }) => typeId !== 0)) return undefined;
  const ids = special.map(({ id }) => id);
  return { before: ids.slice(0, at), after: ids.slice(at) };
}
