import { PolymodalError, type PolymodalErrorOptions } from './errors.js';
import type { Modality } from './media.js';
import type { AdapterPart, EmbedderPart, GeneratorPart, LanguageModelPart, Part, PartKind } from './part.js';
import { partLabel, spaceLabel } from './part-label.js';
import type { Plugin } from './plugin.js';
import type { Space } from './space.js';

/**
 * What was asked for is not there, or not one. `available` lists what is. Codes: REGISTRY_ABSENT, REGISTRY_AMBIGUOUS, REGISTRY_DUPLICATE,
 * REGISTRY_NO_ROUTE, REGISTRY_QUERY, REGISTRY_DISPOSED, REGISTRY_DISPOSE
 */
export class RegistryError extends PolymodalError {
  readonly available: readonly string[];

  constructor({ available = [], ...options }: PolymodalErrorOptions & { readonly available?: readonly string[] }) {
    super(options);
    this.available = available;
  }
}

/** A part and the plugin that offers it. */
export interface Installed<P extends Part = Part> {
  readonly plugin: Plugin;
  readonly part: P;
}

/** Narrows a lookup where several parts match. */
export interface PartQuery {
  /** The plugin's name. */
  readonly plugin?: string;
  /** The part's id. */
  readonly id?: string;
}

export interface EmbedderQuery extends PartQuery {
  /** A space's name, or a space whose fingerprint must match. */
  readonly space?: string | Space;
}

export interface AdapterQuery extends PartQuery {
  readonly from?: { readonly width?: number; readonly space?: string | Space };
  readonly to?: { readonly width?: number; readonly space?: string | Space };
}

export interface LanguageModelQuery extends PartQuery {
  /** Modalities that it must read. */
  readonly from?: Modality | readonly Modality[];
  /** Modalities that it must write. */
  readonly to?: Modality | readonly Modality[];
}

export interface GeneratorQuery extends PartQuery {
  /** Modalities that it must accept as a condition. */
  readonly from?: Modality | readonly Modality[];
}

export interface AllQueries extends PartQuery {
  readonly modality?: Modality;
  readonly space?: string | Space;
  readonly from?: AdapterQuery['from'] | Modality | readonly Modality[];
  readonly to?: AdapterQuery['to'] | Modality | readonly Modality[];
}

/** `@acme/depth: embedder('depth', { space: 'acme' })`: how errors list a part. */
export function installedLabel({ plugin, part }: Installed): string {
  return `${plugin.name}: ${partLabel(part)}`;
}

/**
 * The one installed part of `kind` that the query describes.
 *
 * @throws RegistryError REGISTRY_ABSENT listing the parts of that kind (or, without any, all parts); REGISTRY_AMBIGUOUS where several
 * match, since to pick one silently would let an install order decide what a program computes
 */
export function findOne<K extends PartKind>(installed: readonly Installed[], kind: K, query: AllQueries): Extract<Part, { kind: K }> {
  const ofKind = installed.filter(({ part }) => part.kind === kind);
  const found = ofKind.filter((candidate) => matches(candidate, query));
  if (found.length === 1) return found[0]!.part as Extract<Part, { kind: K }>;

  const asked = `${kind} ${show(query)}`;
  if (found.length === 0) {
    const available = (ofKind.length > 0 ? ofKind : installed).map(installedLabel);
    throw new RegistryError({
      code: 'REGISTRY_ABSENT',
      message: `no installed plugin offers ${asked}. ${ofKind.length > 0 ? `Parts of that kind` : `There is no ${kind}; installed parts`}: ${available.join('; ') || 'none'}.`,
      fix: 'Install a plugin that offers it with registry.use(plugin), or ask for one of these.',
      available,
    });
  }
  const available = found.map(
    (candidate) =>
      `${installedLabel(candidate)}${candidate.part.kind === 'embedder' ? ` fingerprint ${candidate.part.space.fingerprint}` : ''}`,
  );
  throw new RegistryError({
    code: 'REGISTRY_AMBIGUOUS',
    message: `${found.length} installed parts match ${asked}: ${available.join('; ')}.`,
    fix: `Narrow it with { plugin }, { id }${kind === 'embedder' ? ' or { space }' : ''}.`,
    available,
  });
}

function matches({ plugin, part }: Installed, query: AllQueries): boolean {
  if (query.plugin !== undefined && plugin.name !== query.plugin) return false;
  if (query.id !== undefined && part.id !== query.id) return false;
  switch (part.kind) {
    case 'adapter':
      return endMatches(part.from, query.from as AdapterQuery['from']) && endMatches(part.to, query.to as AdapterQuery['to']);
    case 'language-model':
      return includesAll(part.from, query.from as Modality) && includesAll(part.to, query.to as Modality);
    case 'generator':
      return part.to === query.to && includesAll(part.from, query.from as Modality);
    case 'embedder':
      return part.modality === query.modality && spaceMatches(part.space, query.space);
    default:
      return part.modality === query.modality;
  }
}

function endMatches(end: AdapterPart['from'], query: AdapterQuery['from']): boolean {
  if (query?.width !== undefined && end.width !== query.width) return false;
  return query?.space === undefined || (end.space !== undefined && spaceMatches(end.space, query.space));
}

function spaceMatches(space: EmbedderPart['space'], asked: string | Space | undefined): boolean {
  if (asked === undefined) return true;
  return typeof asked === 'string' ? space.name === asked : space.fingerprint === asked.fingerprint;
}

function includesAll(
  offered: LanguageModelPart['from'] | GeneratorPart['from'],
  asked: Modality | readonly Modality[] | undefined,
): boolean {
  return (asked === undefined ? [] : [asked].flat()).every((modality) => offered.includes(modality));
}

function show(query: AllQueries): string {
  const fields = Object.entries(query).flatMap(([field, value]) => (value === undefined ? [] : [`${field}: ${showValue(value)}`]));
  return fields.length === 0 ? '' : `{ ${fields.join(', ')} }`;
}

function showValue(value: unknown): string {
  if (typeof value === 'object' && value !== null && 'fingerprint' in value) return spaceLabel(value as Space);
  return typeof value === 'string' ? `'${value}'` : JSON.stringify(value);
}
