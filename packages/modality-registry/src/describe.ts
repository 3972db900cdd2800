import type { Modality } from './media.js';
import type { Part, PartKind } from './part.js';
import { partLabel } from './part-label.js';
import type { Plugin } from './plugin.js';
import type { Space } from './space.js';
import type { SharedVocabulary, VocabularyRange } from './vocabulary.js';

export interface PartDescription {
  readonly kind: PartKind;
  /** As errors name it, such as `embedder('image', { space: 'emoji-clip-v1' })`. */
  readonly label: string;
  readonly id?: string;
  /** Modalities that it reads. */
  readonly from: readonly Modality[];
  /** Modalities that it writes. */
  readonly to: readonly Modality[];
  readonly space?: Space;
  readonly width?: number;
  readonly vocabularySize?: number;
}

export interface SpaceDescription extends Space {
  readonly width: number;
  /** Modalities that can be embedded into it. */
  readonly modalities: readonly Modality[];
}

/** What a registry holds, as plain data. */
export interface RegistryDescription {
  readonly plugins: readonly { readonly name: string; readonly version: string; readonly parts: readonly PartDescription[] }[];
  /** Every modality that some part reads or writes. */
  readonly modalities: readonly Modality[];
  readonly spaces: readonly SpaceDescription[];
  readonly vocabulary: readonly VocabularyRange[];
}

export function describeRegistry(plugins: readonly Plugin[], vocabulary: SharedVocabulary): RegistryDescription {
  const described = plugins.map(({ name, version, parts }) => ({ name, version, parts: parts.map(describePart) }));
  const parts = described.flatMap((plugin) => plugin.parts);
  return {
    plugins: described,
    modalities: [...new Set(parts.flatMap(({ from, to }) => [...from, ...to]))],
    spaces: describeSpaces(plugins.flatMap((plugin) => plugin.parts)),
    vocabulary: vocabulary.ranges,
  };
}

function describePart(part: Part): PartDescription {
  const common = { kind: part.kind, label: partLabel(part), ...(part.id === undefined ? {} : { id: part.id }) };
  switch (part.kind) {
    case 'tokenizer': {
      const size = part.vocabularySize === undefined ? {} : { vocabularySize: part.vocabularySize };
      return { ...common, from: [part.modality], to: part.decode === undefined ? [] : [part.modality], ...size };
    }
    case 'processor':
      return { ...common, from: [part.modality], to: [] };
    case 'encoder':
      return { ...common, from: [part.modality], to: [], width: part.width };
    case 'embedder':
      return { ...common, from: [part.modality], to: [], space: part.space, width: part.width };
    case 'adapter':
      return { ...common, from: [], to: [], width: part.to.width, ...(part.to.space === undefined ? {} : { space: part.to.space }) };
    case 'language-model':
      return { ...common, from: part.from, to: part.to };
    case 'generator':
      return { ...common, from: part.from, to: [part.to] };
  }
}

function describeSpaces(parts: readonly Part[]): SpaceDescription[] {
  const spaces = new Map<string, SpaceDescription>();
  for (const part of parts) {
    if (part.kind !== 'embedder') continue;
    const { name, fingerprint } = part.space;
    const modalities = new Set([...(spaces.get(fingerprint)?.modalities ?? []), part.modality]);
    spaces.set(fingerprint, { name, fingerprint, width: part.width, modalities: [...modalities] });
  }
  return [...spaces.values()];
}
