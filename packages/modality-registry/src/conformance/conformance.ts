import { type Part, type Plugin, PolymodalError, type ProcessorPart, type TokenizerPart, validatePlugin } from '../index.js';
import { partLabel } from '../part-label.js';
import { adapterCases } from './adapter.js';
import { ConformanceError, check, fail, show } from './assert.js';
import { type ConformanceCase, caseMaker, type MakeCase } from './case.js';
import { snapshot } from './compare.js';
import { embedderCases } from './embedder.js';
import { encoderCases } from './encoder.js';
import type { ConformanceOptions, Context, RoundTrip } from './options.js';
import { processorCases } from './processor.js';
import { generatorCases, languageModelCases } from './stream-cases.js';
import { tokenizerCases } from './tokenizer.js';

/**
 * The promises of the contract as cases for any test runner, in the order to run them in: disposal comes last.
 *
 * @example for (const { name, run } of conformance(depth, { samples: [flat, ramp] })) test(name, run);
 * @throws ConformanceError CONFORMANCE_OPTIONS where samples, or what feeds an encoder, are missing
 */
export function conformance<const P extends Plugin>(plugin: P, options: ConformanceOptions<P>): ConformanceCase[] {
  const name = typeof plugin?.name === 'string' ? plugin.name : 'plugin';
  const wellFormed = caseMaker(name, name)('well formed', async () => validate(plugin));
  if (!isWellFormed(plugin)) return [wellFormed];

  const context = readOptions(plugin, options as ConformanceOptions);
  const labelled = plugin.parts.map((part) => ({ part, make: caseMaker(name, partLabel(part)) }));
  return [
    wellFormed,
    ...labelled.flatMap(({ part, make }) => partCases(part, context, make)),
    ...labelled.flatMap(({ part, make }) => (holdsMemory(part) ? [make('dispose', () => checkDispose(part))] : [])),
  ];
}

function partCases(part: Part, context: Context, make: MakeCase): ConformanceCase[] {
  switch (part.kind) {
    case 'tokenizer':
      return tokenizerCases(part as TokenizerPart, context, make);
    case 'processor':
      return processorCases(part as ProcessorPart, context, make);
    case 'encoder':
      return encoderCases(part, context, make);
    case 'embedder':
      return embedderCases(part, context, make);
    case 'adapter':
      return adapterCases(part, context, make);
    case 'language-model':
      return languageModelCases(part, context, make);
    case 'generator':
      return generatorCases(part, context, make);
  }
}

function validate(plugin: unknown): void {
  try {
    validatePlugin(plugin);
  } catch (error) {
    fail(PolymodalError.isInstance(error) ? error.message : show(error));
  }
}

function isWellFormed(plugin: unknown): plugin is Plugin {
  try {
    validatePlugin(plugin);
    return true;
  } catch {
    return false;
  }
}

function holdsMemory(part: Part): boolean {
  return part.dispose !== undefined || part[Symbol.asyncDispose] !== undefined;
}

async function checkDispose(part: Part): Promise<void> {
  check(part.dispose !== undefined && part[Symbol.asyncDispose] !== undefined, () => {
    return `the part has ${part.dispose === undefined ? 'no dispose' : 'no [Symbol.asyncDispose]'}; it needs both. Spread disposable(release) into it.`;
  });
  for (const [what, run] of [
    ['dispose', () => part.dispose!()],
    ['dispose, the second time,', () => part.dispose!()],
    ['[Symbol.asyncDispose] after dispose', () => part[Symbol.asyncDispose]!()],
  ] as const) {
    try {
      await run();
    } catch (error) {
      fail(`${what} failed with ${show(error)}, but to dispose of a part twice is harmless.`);
    }
  }
}

function readOptions(plugin: Plugin, options: ConformanceOptions): Context {
  const modalities = [...new Set(plugin.parts.flatMap((part) => ('modality' in part ? [part.modality] : [])))];
  const streams = plugin.parts.flatMap((part) => (part.kind === 'language-model' || part.kind === 'generator' ? part.from : []));
  const samples = readSamples(options.samples, [...new Set([...modalities, ...streams])], plugin);
  const missing = modalities.filter((modality) => (samples[modality] ?? []).length === 0);
  if (missing.length > 0) {
    throw new ConformanceError({
      code: 'CONFORMANCE_OPTIONS',
      message: `plugin '${plugin.name}' has parts of ${modalities.join(', ')}, but there are no samples of ${missing.join(', ')}.`,
      fix: `Pass samples: { ${missing[0]}: [ … ] }.`,
    });
  }

  // The options are typed by modality; here a modality is any name, so the maps are read as records.
  const { roundTrip = 'raw' } = options;
  const invalid = (options.invalid ?? {}) as Record<string, readonly unknown[]>;
  const extents = { ...knownExtents, ...options.extents } as Record<string, (sample: unknown) => number>;
  const prepare = (options.prepare ?? {}) as Record<string, (samples: readonly unknown[]) => Promise<unknown>>;
  return {
    plugin,
    samples,
    originals: snapshot(samples),
    tolerance: options.tolerance ?? 1e-4,
    generate: options.generate ?? { maxTokens: 8, seed: 1 },
    vectors: options.vectors,
    roundTrip: (modality) => (typeof roundTrip === 'string' ? roundTrip : ((roundTrip as Record<string, RoundTrip>)[modality] ?? 'raw')),
    invalid: (modality) => invalid[modality] ?? [],
    extent: (modality, sample) => extents[modality]?.(sample) ?? Number.MAX_SAFE_INTEGER,
    prepare: (modality) => prepare[modality] ?? ownPreparation(plugin, modality),
  };
}

const knownExtents = {
  text: (sample: string) => sample.length,
  audio: (sample: { data: ArrayLike<number> }) => sample.data.length,
  video: (sample: { frames: { length?: number } }) => sample.frames.length ?? Number.MAX_SAFE_INTEGER,
};

function readSamples(given: unknown, modalities: readonly string[], plugin: Plugin): Record<string, readonly unknown[]> {
  if (!Array.isArray(given)) return (given ?? {}) as Record<string, readonly unknown[]>;
  if (modalities.length === 1) return { [modalities[0]!]: given };
  throw new ConformanceError({
    code: 'CONFORMANCE_OPTIONS',
    message: `samples is a list, but plugin '${plugin.name}' has the modalities ${modalities.join(', ') || 'none'}.`,
    fix: 'Pass lists by modality, such as { text: [ … ], image: [ … ] }.',
  });
}

function ownPreparation(plugin: Plugin, modality: string): ((samples: readonly unknown[]) => Promise<unknown>) | undefined {
  const own = (kind: 'processor' | 'tokenizer') => plugin.parts.find((part) => part.kind === kind && part.modality === modality);
  const processor = own('processor') as ProcessorPart | undefined;
  if (processor !== undefined) return (samples) => processor.process(samples as never);
  const tokenizer = own('tokenizer') as TokenizerPart | undefined;
  return tokenizer && ((samples) => tokenizer.encode(samples as never));
}
