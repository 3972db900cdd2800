import { type Installed, installedLabel, RegistryError } from './lookup.js';
import type { Modality } from './media.js';
import type { AdapterPart, EmbedderPart, GeneratorPart, LanguageModelPart, Part } from './part.js';
import type { Space } from './space.js';

/** One part on the way, and what goes into and comes out of it: raw of a modality, or a vector of a space. */
export type RouteStep =
  | { readonly via: 'embedder'; readonly plugin: string; readonly part: EmbedderPart; readonly from: Modality; readonly to: Space }
  | { readonly via: 'adapter'; readonly plugin: string; readonly part: AdapterPart; readonly from: Space; readonly to: Space }
  | { readonly via: 'generator'; readonly plugin: string; readonly part: GeneratorPart; readonly from: Modality; readonly to: Modality }
  | {
      readonly via: 'language-model';
      readonly plugin: string;
      readonly part: LanguageModelPart;
      readonly from: Modality;
      readonly to: Modality;
    }
  /** A search among items of `to`; `part` is what embeds those items into the space. */
  | { readonly via: 'retrieval'; readonly plugin: string; readonly part: EmbedderPart; readonly from: Space; readonly to: Modality };

/** A way from raw of one modality to raw of another. */
export interface Route {
  readonly from: Modality;
  readonly to: Modality;
  /** Whether its end is made (`generation`) or found among items that the caller has (`retrieval`). */
  readonly by: 'generation' | 'retrieval';
  readonly steps: readonly RouteStep[];
  /** For people: `text → [@acme/clip embedder] → space acme-v1 → [search, @acme/clip embedder] → image`. */
  readonly summary: string;
}

export interface RouteQuery<From extends Modality = Modality, To extends Modality = Modality> {
  readonly from: From;
  readonly to: To;
  /** The longest way, in steps; 4 by default, at most 8. */
  readonly maxSteps?: number;
  /** The most ways to return; 32 by default. */
  readonly limit?: number;
}

type Way = readonly RouteStep[];

/**
 * The ways that the installed parts open from raw of one modality to raw of another, shortest first, then in the order of installation.
 *
 * A step is taken only where the contract itself guarantees that two parts fit:
 * - a generator or a language model turns raw of a modality that it reads into raw of one that it writes;
 * - an embedder turns raw into a vector of its space;
 * - an adapter between two spaces moves a vector from one to the other;
 * - retrieval turns a vector into raw of any modality that some embedder puts into that very space (equal fingerprints). It ends a way,
 *   since what it finds depends on the caller's items.
 *
 * Tokenizers, processors and encoders open no way of their own: equal widths or dtypes do not make an encoder fit a tokenizer, so they
 * act inside the parts above. No modality and no space is visited twice; from a modality to itself is a way like any other (picture search by picture).
 *
 * @throws RegistryError REGISTRY_NO_ROUTE listing where `from` leads to and what leads to `to`; REGISTRY_QUERY for a bad maxSteps or limit
 */
export function findRoutes(installed: readonly Installed[], { from, to, maxSteps = 4, limit = 32 }: RouteQuery): Route[] {
  if (!Number.isInteger(maxSteps) || maxSteps < 1 || maxSteps > 8 || !Number.isInteger(limit) || limit < 1) {
    throw new RegistryError({
      code: 'REGISTRY_QUERY',
      message: `route got maxSteps ${maxSteps} and limit ${limit}, but maxSteps is an integer from 1 to 8 and limit one from 1.`,
      fix: 'Leave them out for 4 and 32.',
    });
  }
  const links = installed.flatMap(({ plugin, part }) => linksOf(plugin.name, part));
  // Without this, a registry of many parts would walk exponentially many ways that cannot arrive.
  const distance = stepsTo(to, links);

  const routes: Route[] = [];
  let ways: Way[] = [[]];
  for (let length = 1; length <= maxSteps && ways.length > 0 && routes.length < limit; length++) {
    const longer: Way[] = [];
    for (const way of ways) {
      const here = way.length === 0 ? from : way.at(-1)!.to;
      const visited = new Set([nodeKey(from), ...way.map((step) => nodeKey(step.to))]);
      for (const step of links) {
        if (nodeKey(step.from) !== nodeKey(here)) continue;
        if (step.to === to) {
          if (routes.length < limit) routes.push(routeOf(from, to, [...way, step]));
        } else if (
          step.via !== 'retrieval' &&
          !visited.has(nodeKey(step.to)) &&
          length + (distance.get(nodeKey(step.to)) ?? Infinity) <= maxSteps
        ) {
          if (longer.length < limit * 8) longer.push([...way, step]);
        }
      }
    }
    ways = longer;
  }
  if (routes.length === 0) throw noRoute(from, to, maxSteps, installed, links);
  return routes;
}

function linksOf(plugin: string, part: Part): RouteStep[] {
  switch (part.kind) {
    case 'generator':
      return part.from.map((from) => ({ via: 'generator', plugin, part: part as GeneratorPart, from, to: part.to }));
    case 'language-model':
      return part.from.flatMap((from) => part.to.map((to): RouteStep => ({ via: 'language-model', plugin, part, from, to })));
    case 'adapter':
      return part.from.space && part.to.space ? [{ via: 'adapter', plugin, part, from: part.from.space, to: part.to.space }] : [];
    case 'embedder': {
      const embedder = part as EmbedderPart;
      return [
        { via: 'embedder', plugin, part: embedder, from: part.modality, to: part.space },
        { via: 'retrieval', plugin, part: embedder, from: part.space, to: part.modality },
      ];
    }
    default:
      return [];
  }
}

/** How many steps each node is from `to`, at least. */
function stepsTo(to: Modality, links: readonly RouteStep[]): Map<string, number> {
  const distance = new Map([[nodeKey(to), 0]]);
  for (let changed = true; changed; ) {
    changed = false;
    for (const step of links) {
      if (step.via === 'retrieval' && step.to !== to) continue;
      const through = (distance.get(nodeKey(step.to)) ?? Infinity) + 1;
      if (through < (distance.get(nodeKey(step.from)) ?? Infinity)) {
        distance.set(nodeKey(step.from), through);
        changed = true;
      }
    }
  }
  return distance;
}

function routeOf(from: Modality, to: Modality, steps: Way): Route {
  const walked = steps.map(
    (step) =>
      `→ [${step.via === 'retrieval' ? 'search, ' : ''}${step.plugin} ${step.part.kind}] → ${typeof step.to === 'string' ? step.to : `space ${step.to.name}`}`,
  );
  return { from, to, by: steps.at(-1)!.via === 'retrieval' ? 'retrieval' : 'generation', steps, summary: [from, ...walked].join(' ') };
}

function noRoute(
  from: Modality,
  to: Modality,
  maxSteps: number,
  installed: readonly Installed[],
  links: readonly RouteStep[],
): RegistryError {
  const reached = [...new Set(links.filter((step) => step.from === from).map((step) => nodeName(step.to)))];
  const leading = [...new Set(links.filter((step) => step.to === to).map((step) => nodeName(step.from)))];
  return new RegistryError({
    code: 'REGISTRY_NO_ROUTE',
    message: `no way of at most ${maxSteps} steps leads from '${from}' to '${to}': '${from}' leads to ${reached.join(', ') || 'nothing'}; '${to}' is reached from ${leading.join(', ') || 'nothing'}. Installed: ${installed.map(installedLabel).join('; ') || 'nothing'}.`,
    fix: 'Install a generator between them, or embedders of both in one space.',
    available: installed.map(installedLabel),
  });
}

function nodeKey(node: Modality | Space): string {
  return typeof node === 'string' ? `raw ${node}` : `space ${node.fingerprint}`;
}

function nodeName(node: Modality | Space): string {
  return typeof node === 'string' ? node : `space ${node.name}`;
}
