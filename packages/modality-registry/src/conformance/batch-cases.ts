import { type CallOptions, PolymodalError, type TensorLike } from '../index.js';
import { check, rejection, show } from './assert.js';
import type { ConformanceCase, MakeCase } from './case.js';
import { difference, snapshot } from './compare.js';
import { checkFinite } from './tensors.js';

/** One call of a verb, for the checks of aborts and of bad input. */
export interface Call {
  /** What is odd about it, such as `null instead of a batch`. */
  readonly what: string;
  run(options?: CallOptions): Promise<unknown>;
}

/** A verb that turns a batch into tensors, whatever its kind: what the common checks need to know of it. */
export interface BatchSubject<Input, Output> {
  /** The number of samples. */
  readonly count: number;
  readonly tolerance: number;
  /** The verb's input for the samples at these indices. */
  prepare(indices: readonly number[]): Promise<Input>;
  /** That input as it was before any verb saw it, where `prepare` hands out the caller's own samples. */
  original?(indices: readonly number[]): unknown;
  call(input: Input, options?: CallOptions): Promise<Output>;
  /** The tensors of a result, by name; the first has the batch as its first axis. Fails for a result of another form. */
  tensors(output: Output): Readonly<Record<string, TensorLike>>;
  checkShapes(output: Output, count: number): void;
  checkDTypes(output: Output): void;
  /** Where a batch's result differs from the results of its items, one at a time. */
  compareWithLoop(batch: Output, singles: readonly Output[]): string | undefined;
  /** Calls that must reject with typed errors. */
  badCalls(): Promise<readonly Call[]>;
  /** Calls of valid input, beside the verb's own, that must stop when aborted, and leave their input alone. */
  furtherCalls?(): Promise<readonly (Call & { readonly input: unknown })[]>;
}

/** The checks that every verb from a batch to tensors must pass. */
export function batchCases<Input, Output>(subject: BatchSubject<Input, Output>, make: MakeCase): ConformanceCase[] {
  const { prepare, call, tolerance } = subject;
  // A batch of one would hide a mistake in stacking.
  const all = subject.count === 1 ? [0, 0] : Array.from({ length: subject.count }, (_, index) => index);
  const callAll = async (): Promise<Output> => call(await prepare(all));

  return [
    make('shapes', async () => subject.checkShapes(await callAll(), all.length)),
    make('dtypes', async () => subject.checkDTypes(await callAll())),
    make('finite values', async () => {
      for (const [name, tensor] of Object.entries(subject.tensors(await callAll()))) checkFinite(name, tensor);
    }),
    make('batch equals loop', async () => {
      // Copied at once: whether results outlive the next call is a check of its own.
      const batch = snapshot(await callAll());
      const singles: Output[] = [];
      for (const index of all) singles.push(snapshot(await call(await prepare([index]))));
      const found = subject.compareWithLoop(batch, singles);
      check(
        found === undefined,
        () => `a batch of ${all.length} differs from its items one at a time, at ${found} (tolerance ${tolerance}).`,
      );
    }),
    make('determinism', async () => {
      const input = await prepare(all);
      const first = snapshot(await call(input));
      const found = difference(first, await call(input));
      check(found === undefined, () => `the same input gave another result the second time, at ${found}.`);
    }),
    make('results are kept', async () => {
      const kept = await callAll();
      const before = snapshot(kept);
      await call(await prepare([...all].reverse()));
      const found = difference(kept, before);
      check(found === undefined, () => `a later call changed an earlier result, at ${found}. Copy what comes out of a reused buffer.`);
    }),
    make('empty batch', async () => {
      const tensors = Object.entries(subject.tensors(await call(await prepare([]))));
      for (const [name, { dims, data }] of tensors) {
        const empty = dims[0] === 0 && data.length === 0;
        check(
          empty,
          () =>
            `an empty batch gave ${name} with dims [${dims.join(', ')}] and ${data.length} elements, but dims[0] is 0 for an empty batch.`,
        );
      }
    }),
    make('abort', async () => {
      const input = await prepare(all);
      const calls = [
        { what: 'the verb', run: (options?: CallOptions) => call(input, options) },
        ...((await subject.furtherCalls?.()) ?? []),
      ];
      for (const { what, run } of calls) await checkAbort(what, run);
    }),
    make('typed errors', async () => checkTypedErrors(await subject.badCalls())),
    make('input left unmodified', async () => {
      const input = await prepare(all);
      const before = subject.original?.(all) ?? snapshot(input);
      await call(input);
      checkUnmodified('the verb', input, before);
      for (const { what, run, input: given } of (await subject.furtherCalls?.()) ?? []) {
        const then = snapshot(given);
        await run();
        checkUnmodified(what, given, then);
      }
    }),
    make('progress', async () => {
      const reports: unknown[] = [];
      await call(await prepare(all), { onProgress: (progress) => reports.push(progress) });
      for (const report of reports) {
        const { done, total } = (report ?? {}) as { done?: unknown; total?: unknown };
        const sound = typeof done === 'number' && done >= 0 && (total === undefined || (typeof total === 'number' && done <= total));
        check(sound, () => `onProgress was given ${JSON.stringify(report)}, but progress is { done, total? } with 0 ≤ done ≤ total.`);
      }
    }),
  ];
}

function checkUnmodified(what: string, input: unknown, before: unknown): void {
  const found = difference(input, before);
  check(found === undefined, () => `${what} changed its input, at ${found}. Copy before writing.`);
}

async function checkAbort(what: string, run: (options: CallOptions) => Promise<unknown>): Promise<void> {
  const reason = new Error('aborted by the conformance kit');
  const given = await rejection(() => run({ signal: AbortSignal.abort(reason) }), `${what} with a signal that is already aborted`);
  check(given === reason, () => `${what}, when aborted, rejected with ${show(given)}, but the signal's own reason was expected.`);
}

export async function checkTypedErrors(calls: readonly Call[]): Promise<void> {
  for (const { what, run } of calls) {
    const error = await rejection(() => run(), what);
    check(
      PolymodalError.isInstance(error) && typeof error.code === 'string' && error.code !== '' && error.message !== '',
      () => `${what}: it rejected with ${show(error)}, but a PolymodalError with a code and a message was expected.`,
    );
  }
}
