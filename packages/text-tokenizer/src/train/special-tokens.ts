/** What `added_tokens` of a tokenizer.json says of special tokens, by id. */
export function addedTokens(special: readonly string[], idOf: (token: string) => number): unknown[] {
  return special
    .map((content) => ({
      id: idOf(content),
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    }))
    .sort((a, b) => a.id - b.id);
}

interface Frame {
  readonly begin?: string | undefined;
  readonly end?: string | undefined;
}

/** A post-processor that puts begin and end around every text; in a pair, the second has its own begin unless `shared`. */
export function template({ begin, end }: Frame, idOf: (token: string) => number, shared = false): unknown {
  if (begin === undefined && end === undefined) return null;
  const token = (id: string | undefined, type: number) => (id === undefined ? [] : [{ SpecialToken: { id, type_id: type } }]);
  const around = (sequence: 'A' | 'B', type: number) => [
    ...(shared && sequence === 'B' ? [] : token(begin, type)),
    { Sequence: { id: sequence, type_id: type } },
    ...token(end, type),
  ];
  const used = [begin, end].filter((id) => id !== undefined);
  return {
    type: 'TemplateProcessing',
    single: around('A', 0),
    pair: [...around('A', 0), ...around('B', 1)],
    special_tokens: Object.fromEntries(used.map((id) => [id, { id, ids: [idOf(id)], tokens: [id] }])),
  };
}

/** A tokenizer_config.json; roles without a token are left out. */
export function configuration(
  modelMaxLength: number | undefined,
  roles: Readonly<Record<string, string | readonly string[] | undefined>>,
  more: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> {
  return {
    tokenizer_class: 'PreTrainedTokenizerFast',
    clean_up_tokenization_spaces: false,
    // Python's way to say that there is no limit.
    model_max_length: modelMaxLength ?? 1e30,
    ...Object.fromEntries(Object.entries(roles).filter(([, token]) => token !== undefined)),
    ...more,
  };
}
