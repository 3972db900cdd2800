import type { TensorLike } from '@polymodal/modality-registry';
import { CheckpointError, listed, quoted } from '../checkpoint-error.js';
import { joinRows, splitRows, transposed } from './rearrange.js';

/**
 * How weights of one naming become those of another. In a name `*` stands for any one part between dots, in the same order on both sides.
 * Several names stand for the equal parts of one tensor along its first axis.
 */
export interface NameRule {
  readonly from: string | readonly string[];
  readonly to: string | readonly string[];
  /** Whether the two sides are matrices of which one is the other turned. */
  readonly transposed?: boolean;
}

export interface NameTable {
  readonly rules: readonly NameRule[];
  /** What files carry along that is no weight; left out in both directions. */
  readonly ignored?: readonly string[];
}

/** The table of the way back. */
export function invertNames({ rules, ...rest }: NameTable): NameTable {
  return { ...rest, rules: rules.map(({ from, to, ...how }) => ({ ...how, from: to, to: from })) };
}

function pattern(name: string): RegExp {
  const parts = name.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('([^.]+)')}$`);
}

function fill(name: string, parts: readonly string[]): string {
  let next = 0;
  return name.replace(/\*/g, () => parts[next++]!);
}

const listOf = (names: string | readonly string[]): readonly string[] => (typeof names === 'string' ? [names] : names);

/** Tensors of one rule whose names have the same parts for `*`: one, or all that are to be joined. */
interface Group {
  readonly rule: NameRule;
  readonly parts: readonly string[];
  readonly sources: (readonly [string, TensorLike] | undefined)[];
}

function collect(weights: ReadonlyMap<string, TensorLike>, { rules, ignored = [] }: NameTable) {
  const patterns = rules.flatMap((rule) => listOf(rule.from).map((name, place) => ({ rule, place, pattern: pattern(name) })));
  const ignoredPatterns = ignored.map(pattern);
  const groups = new Map<string, Group>();
  const unknown: [string, TensorLike][] = [];
  for (const [name, tensor] of weights) {
    if (ignoredPatterns.some((ignoredPattern) => ignoredPattern.test(name))) continue;
    const found = patterns.find(({ pattern }) => pattern.test(name));
    if (found === undefined) {
      unknown.push([name, tensor]);
      continue;
    }
    const { rule, place } = found;
    const parts = found.pattern.exec(name)!.slice(1);
    const key = `${rules.indexOf(rule)} ${parts.join('.')}`;
    const group = groups.get(key) ?? { rule, parts, sources: new Array(listOf(rule.from).length).fill(undefined) };
    group.sources[place] = [name, tensor];
    groups.set(key, group);
  }
  return { groups: groups.values(), unknown };
}

function convert({ rule, parts, sources }: Group): (readonly [string, TensorLike])[] {
  const missing = listOf(rule.from).filter((_, i) => sources[i] === undefined);
  if (missing.length > 0)
    throw new CheckpointError({
      code: 'CHECKPOINT_MISSING',
      message: `The weights lack ${listed(missing.map((name) => fill(name, parts)))}, which belong with ${quoted(sources.find((source) => source !== undefined)![0])}.`,
      fix: 'Pass all weights of the model.',
    });
  const whole = sources as (readonly [string, TensorLike])[];
  const one = whole.length === 1 ? whole[0]![1] : joinRows(whole);
  const turned = rule.transposed ? transposed(whole[0]![0], one) : one;
  const names = listOf(rule.to).map((name) => fill(name, parts));
  return names.length === 1 ? [[names[0]!, turned]] : splitRows(whole[0]![0], turned, names);
}

export interface RenameOptions {
  /** Whether a name that the table does not know is an error; otherwise it is kept. Default true. */
  readonly strict?: boolean;
}

/**
 * Renames weights by a table, splits and joins fused projections, and transposes what the other naming has turned. Tensors are shared where
 * they are the same, and views where they are parts.
 *
 * Throws {@link CheckpointError}: `CHECKPOINT_UNEXPECTED` for names that the table does not know, `CHECKPOINT_MISSING` for lacking parts,
 * `CHECKPOINT_NAME` where two would get one name, `CHECKPOINT_SHAPE` for what cannot be split, joined or transposed.
 */
export function renameWeights<T extends TensorLike>(
  weights: ReadonlyMap<string, T>,
  table: NameTable,
  { strict = true }: RenameOptions = {},
): Map<string, T> {
  const { groups, unknown } = collect(weights, table);
  if (strict && unknown.length > 0)
    throw new CheckpointError({
      code: 'CHECKPOINT_UNEXPECTED',
      message: `The table of names does not know ${listed(unknown.map(([name]) => name))}.`,
      fix: 'Use the table of this naming, or leave these tensors out.',
    });
  const renamed = new Map<string, TensorLike>();
  for (const [name, tensor] of [...[...groups].flatMap(convert), ...unknown]) {
    if (renamed.has(name))
      throw new CheckpointError({
        code: 'CHECKPOINT_NAME',
        message: `Two of the weights would be named ${quoted(name)}.`,
        fix: 'Pass the weights of one naming alone.',
      });
    renamed.set(name, tensor);
  }
  return renamed as Map<string, T>;
}
