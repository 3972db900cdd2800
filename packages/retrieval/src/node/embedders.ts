import type { CallOptions, ContentPart, EmbedderPart, Part, Space } from '@polymodal/modality-registry';
import { RetrievalError } from '../errors.js';

/** Whatever offers embedders: a plugin, or a loaded model that carries its plugin. */
export type EmbedderSource = { readonly parts: readonly Part[] } | { readonly plugin: { readonly parts: readonly Part[] } };

/** The embedders of one space, called by modality. */
export interface SpaceEmbedders {
  readonly space: Space;
  readonly width: number;
  /** One vector [width] for each content, in order. */
  embed(contents: readonly ContentPart[], options?: CallOptions): Promise<Float32Array[]>;
}

/**
 * Gathers the embedders of the first space that `source` offers.
 *
 * @throws RetrievalError `EMBEDDER_MISSING`
 */
export function embeddersOf(source: EmbedderSource): SpaceEmbedders {
  const { parts } = 'parts' in source ? source : source.plugin;
  const embedders = parts.filter(
    (part): part is Extract<Part, { kind: 'embedder' }> => part.kind === 'embedder',
  ) as readonly EmbedderPart[];
  const [first] = embedders;
  if (first === undefined)
    throw new RetrievalError({
      code: 'EMBEDDER_MISSING',
      message: `an index needs embedders, but the given plugin offers ${parts.length === 0 ? 'no parts' : `only: ${[...new Set(parts.map(({ kind }) => kind))].join(', ')}`}.`,
      fix: 'Pass what loadClip returns, or a plugin with parts of kind embedder.',
    });
  const { space, width } = first;
  const byModality = new Map(
    embedders.filter((part) => part.space.fingerprint === space.fingerprint).map((part) => [part.modality as string, part]),
  );

  const embedAll = async (modality: string, values: readonly unknown[], options: CallOptions): Promise<Float32Array[]> => {
    const part = byModality.get(modality);
    if (part === undefined)
      throw new RetrievalError({
        code: 'EMBEDDER_MISSING',
        message: `space '${space.name}' has no embedder for ${modality}, only for: ${[...byModality.keys()].join(', ')}.`,
        fix: 'Search by one of these, or load a model that reads it.',
      });
    const { vectors, space: actual } = await part.embed(values as never, options);
    if (vectors.data.length !== values.length * width || actual.fingerprint !== space.fingerprint)
      throw new RetrievalError({
        code: 'EMBEDDER_RESULT',
        message: `the ${modality} embedder returned dims [${vectors.dims}] in space '${actual.name}', but [${values.length}, ${width}] in '${space.name}' was expected.`,
        fix: 'Report it to the author of the embedder; the conformance kit finds this.',
      });
    return values.map((_, row) => vectors.data.slice(row * width, (row + 1) * width));
  };

  return {
    space,
    width,
    async embed(contents, options = {}) {
      const groups = new Map<string, number[]>();
      const values = contents.map((content, i) => {
        const [modality, value] = onlyEntry(content);
        groups.set(modality, [...(groups.get(modality) ?? []), i]);
        return value;
      });
      const out: Float32Array[] = new Array(contents.length);
      for (const [modality, members] of groups) {
        const vectors = await embedAll(
          modality,
          members.map((i) => values[i]),
          options,
        );
        for (const [row, i] of members.entries()) out[i] = vectors[row]!;
      }
      return out;
    },
  };
}

function onlyEntry(content: ContentPart): [modality: string, value: unknown] {
  const entries = Object.entries(Object(content) as object);
  if (entries.length !== 1)
    throw new RetrievalError({
      code: 'CONTENT_PART',
      message: `a content has the keys [${entries.map(([key]) => key)}], but exactly one is needed, named by its modality.`,
      fix: "Pass { text: 'a red heart' } or { image }.",
    });
  return entries[0]!;
}
