import type { GenerateOptions, GeneratorPart, LanguageModelPart } from '../index.js';
import { ConformanceError, check, rejection, show } from './assert.js';
import { checkTypedErrors } from './batch-cases.js';
import type { ConformanceCase, MakeCase } from './case.js';
import { difference, snapshot } from './compare.js';
import type { Context } from './options.js';

/** A verb that streams, whatever its kind. */
interface StreamSubject {
  /** Valid inputs, each tried on its own. */
  readonly inputs: readonly unknown[];
  readonly badInputs: readonly unknown[];
  readonly options: GenerateOptions;
  generate(input: unknown, options: GenerateOptions): AsyncIterable<unknown>;
  /** Fails for a stream that holds what the part does not declare. */
  checkStream(items: readonly unknown[]): void;
}

/** The parts of a conversation are tried one modality at a time, then all in one. */
export function languageModelCases(part: LanguageModelPart, context: Context, make: MakeCase): ConformanceCase[] {
  const pieces = contentPieces(part.from, context, 'language model');
  const single = pieces.map((piece) => [piece]);
  return streamCases(
    {
      inputs: pieces.length > 1 ? [...single, pieces] : single,
      badInputs: [null, 'ab', [null], [{}], [{ [part.from[0]!]: undefined }], [{ 'no such modality': 1 }]],
      options: context.generate,
      generate: (input, options) => part.generate(input as never, options),
      checkStream: (items) => {
        check(items.length > 0, () => 'generate ended without a part.');
        for (const item of items) checkContent(item, part.to);
      },
    },
    make,
  );
}

export function generatorCases(part: GeneratorPart, context: Context, make: MakeCase): ConformanceCase[] {
  return streamCases(
    {
      inputs: contentPieces(part.from, context, 'generator'),
      badInputs: [null, 'ab', {}, { [part.from[0]!]: undefined }, { 'no such modality': 1 }],
      options: context.generate,
      generate: (input, options) => part.generate(input as never, options),
      checkStream: (items) => checkEvents(items, part.to),
    },
    make,
  );
}

function contentPieces(from: readonly string[], context: Context, kind: string): Record<string, unknown>[] {
  const pieces = from.flatMap((modality) => (context.samples[modality] ?? []).slice(0, 1).map((sample) => ({ [modality]: sample })));
  if (pieces.length > 0) return pieces;
  throw new ConformanceError({
    code: 'CONFORMANCE_OPTIONS',
    message: `plugin '${context.plugin.name}' has a ${kind} that reads ${from.join(', ')}, but samples has none of these.`,
    fix: `Pass samples: { ${from[0]}: [ … ] }.`,
  });
}

function checkContent(item: unknown, to: readonly string[]): void {
  const keys = typeof item === 'object' && item !== null ? Object.keys(item) : [];
  const declared = keys.length === 1 && to.includes(keys[0]!);
  check(declared, () => `generate gave ${show(item)}, but a part has one field, named ${to.join(' or ')}.`);
}

function checkEvents(events: readonly unknown[], to: string): void {
  let last = 0;
  for (const event of events) {
    const { type, progress } = (event ?? {}) as { type?: unknown; progress?: unknown };
    if (type === 'progress') {
      const sound = typeof progress === 'number' && progress >= last && progress <= 1;
      check(sound, () => `generate reported progress ${show(progress)} after ${last}, but it goes from 0 to 1 and never falls.`);
      last = progress;
    } else {
      const made = type === to && (event as Record<string, unknown>)[to] !== undefined;
      check(made, () => `generate gave ${show(event)}, but an event is { type: 'progress', progress } or { type: '${to}', ${to} }.`);
    }
  }
  const made = events.some((event) => (event as { type: unknown }).type === to);
  check(made, () => `generate ended after ${events.length} events, none of them of type '${to}'.`);
}

function streamCases({ inputs, badInputs, options, generate, checkStream }: StreamSubject, make: MakeCase): ConformanceCase[] {
  const collect = async (input: unknown, more: GenerateOptions = {}): Promise<unknown[]> => {
    const items: unknown[] = [];
    for await (const item of generate(input, { ...options, ...more })) items.push(item);
    return items;
  };
  // Taken now, before any case has run.
  const originals = new Map(inputs.map((input) => [input, snapshot(input)]));
  const each = (run: (input: unknown) => Promise<void>) => async () => {
    for (const input of inputs) await run(input);
  };

  return [
    make(
      'declared modalities',
      each(async (input) => checkStream(await collect(input))),
    ),
    make(
      'determinism',
      each(async (input) => {
        const found = difference(await collect(input), await collect(input));
        check(found === undefined, () => `the same input and seed gave another stream the second time, at ${found}.`);
      }),
    ),
    make(
      'results are kept',
      each(async (input) => {
        const kept: unknown[] = [];
        const copies: unknown[] = [];
        for await (const item of generate(input, options)) {
          kept.push(item);
          copies.push(snapshot(item));
        }
        const found = difference(kept, copies);
        check(
          found === undefined,
          () => `a later step changed what was given before, at ${found}. Copy what comes out of a reused buffer.`,
        );
      }),
    ),
    make(
      'abort',
      each(async (input) => {
        const reason = new Error('aborted by the conformance kit');
        const given = await rejection(
          () => collect(input, { signal: AbortSignal.abort(reason) }),
          'generate with a signal that is already aborted',
        );
        check(given === reason, () => `generate, when aborted, ended with ${show(given)}, but the signal's own reason was expected.`);
      }),
    ),
    make('typed errors', () =>
      checkTypedErrors(badInputs.map((input) => ({ what: `generate from ${show(input)}`, run: () => collect(input) }))),
    ),
    make(
      'input left unmodified',
      each(async (input) => {
        await collect(input);
        const found = difference(input, originals.get(input));
        check(found === undefined, () => `generate changed its input, at ${found}. Copy before writing.`);
      }),
    ),
  ];
}
