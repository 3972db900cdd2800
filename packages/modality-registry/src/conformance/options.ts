import type { AdapterPart, Modality, ModalityMap, ModelInputs, Plugin, TensorLike, Tokens } from '../index.js';

/**
 * What must come back from `decode(encode(raw))`:
 * - `raw`: the same raw data, within the tolerance;
 * - `tokens`: raw data that encode to the same tokens (text that is lower-cased, pixels that are rounded);
 * - `lossy`: as many items as went in (a learned codec).
 */
export type RoundTrip = 'raw' | 'tokens' | 'lossy';

/** Modalities whose raw data the parts of a plugin take by batch. */
type BatchModality<P extends Plugin> = ModalityOf<P['parts'][number]>;
type ModalityOf<Q> = Q extends { readonly modality: infer M extends Modality } ? M : never;

/** Modalities that a plugin's language models and generators read. */
type StreamModality<P extends Plugin> = FromOf<P['parts'][number]>;
type FromOf<Q> = Q extends { readonly from: readonly (infer M extends Modality)[] } ? M : never;

type IsUnion<T, Whole = T> = T extends unknown ? ([Whole] extends [T] ? false : true) : never;
type AllModalities<P extends Plugin> = BatchModality<P> | StreamModality<P>;

type SampleMap<P extends Plugin> =
  Modality extends BatchModality<P>
    ? { readonly [M in Modality]?: readonly ModalityMap[M][] }
    : { readonly [M in BatchModality<P>]: readonly ModalityMap[M][] } & { readonly [M in StreamModality<P>]?: readonly ModalityMap[M][] };

/** A list for a plugin of one modality; for any plugin, lists by modality. A plugin of adapters alone needs none: `{}`. */
export type Samples<P extends Plugin> =
  | SampleMap<P>
  | ([AllModalities<P>] extends [never]
      ? never
      : IsUnion<AllModalities<P>> extends false
        ? readonly ModalityMap[AllModalities<P>][]
        : never);

type ByModality<T extends { readonly [M in Modality]: unknown }> = { readonly [M in Modality]?: T[M] };

export interface ConformanceOptions<P extends Plugin = Plugin> {
  /** Valid raw data of each modality; two or more that differ, of different lengths where lengths may differ, show the most. */
  readonly samples: Samples<P>;
  /** How far numbers may lie apart where two ways of computing are compared, absolutely plus relatively. @default 1e-4 */
  readonly tolerance?: number;
  /** @default 'raw' */
  readonly roundTrip?: RoundTrip | ByModality<{ [M in Modality]: RoundTrip }>;
  /** Raw data that must be refused, tried beside the kit's own (null, numbers, strings, an image with too few bytes …). */
  readonly invalid?: ByModality<{ [M in Modality]: readonly unknown[] }>;
  /** How far offsets may reach in a sample; known already for text (UTF-16 units), audio (samples) and video (frames). */
  readonly extents?: ByModality<{ [M in Modality]: (sample: ModalityMap[M]) => number }>;
  /** What turns samples into an encoder's input, where the plugin has no processor or tokenizer of its modality. */
  readonly prepare?: ByModality<{ [M in Modality]: (samples: readonly ModalityMap[M][]) => Promise<Tokens | ModelInputs> }>;
  /** What adapters are tried on, [batch, …, from.width]; by default [3, from.width] of fixed numbers in [-1, 1]. */
  readonly vectors?: (adapter: AdapterPart) => TensorLike<'float32'>;
  /** How language models and generators are called. @default { maxTokens: 8, seed: 1 } */
  readonly generate?: { readonly maxTokens?: number; readonly seed?: number; readonly temperature?: number };
}

/** The options as the checks read them: defaults filled in, modalities by name. */
export interface Context {
  readonly plugin: Plugin;
  readonly samples: Readonly<Record<string, readonly unknown[]>>;
  /** The samples as they were before any verb saw them. */
  readonly originals: Readonly<Record<string, readonly unknown[]>>;
  readonly tolerance: number;
  readonly generate: { readonly maxTokens?: number; readonly seed?: number; readonly temperature?: number };
  readonly vectors: ((adapter: AdapterPart) => TensorLike<'float32'>) | undefined;
  roundTrip(modality: string): RoundTrip;
  invalid(modality: string): readonly unknown[];
  extent(modality: string, sample: unknown): number;
  prepare(modality: string): ((samples: readonly unknown[]) => Promise<unknown>) | undefined;
}
