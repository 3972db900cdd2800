/** One part of a finished sequence: a text, or a special token; `typeId` goes into `typeIds` for all its tokens. */
export type TemplateItem = { readonly sequence: 'A' | 'B'; readonly typeId: number } | { readonly id: number; readonly typeId: number };

/** What a post-processor makes of one text and of a pair. */
export interface Template {
  readonly single: readonly TemplateItem[];
  readonly pair: readonly TemplateItem[];
  /** Leave the spaces that a byte-level token begins or ends with out of its offsets. */
  readonly trimOffsets?: { readonly addPrefixSpace: boolean };
}

/** Without a post-processor: the texts alone, the second of type 1. */
export const bareTemplate: Template = {
  single: [{ sequence: 'A', typeId: 0 }],
  pair: [
    { sequence: 'A', typeId: 0 },
    { sequence: 'B', typeId: 1 },
  ],
};

/** Special ids before and after every text; in a pair each text has its own. */
export function frame(before: readonly number[], after: readonly number[]): Template {
  const special = (ids: readonly number[]) => ids.map((id) => ({ id, typeId: 0 }));
  const around = (sequence: 'A' | 'B') => [...special(before), { sequence, typeId: 0 }, ...special(after)];
  return { single: around('A'), pair: [...around('A'), ...around('B')] };
}

export function isSpecialItem(item: TemplateItem): item is { readonly id: number; readonly typeId: number } {
  return 'id' in item;
}
