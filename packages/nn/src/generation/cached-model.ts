import type { Backend, Program, Tensor } from '@polymodal/autograd';
import { type Disposable, disposable, type TensorLike } from '@polymodal/modality-registry';
import type { Gate } from '../gate.js';
import type { CausalDecoder } from '../models/decoder.js';
import type { Weights } from '../module.js';
import { type CachedState, checkRows, checkStep, disposeAll, releaseState, type Tensors, takeOver } from './cached-state.js';
import type { CausalModel, CausalOutput } from './causal-model.js';
import { cacheNames, decodeGraph, embeddingWidth, selectGraph } from './decode-graph.js';
import { GenerationError } from './errors.js';
import { openModelGate } from './gate.js';
import { checkPrompts, type PackedPrompts, packPrompts } from './prompts.js';

const int64 = (values: readonly number[], dims: readonly number[]): TensorLike<'int64'> => ({
  type: 'int64',
  dims,
  data: BigInt64Array.from(values, BigInt),
});

/** Gives the whole numbers from `from` to before `to`, [1, to − from], as parts of one table that grows. */
function countingTable(): (from: number, to: number) => TensorLike<'int64'> {
  let table = new BigInt64Array(0);
  return (from, to) => {
    if (to > table.length) table = BigInt64Array.from({ length: 2 * to }, (_, i) => BigInt(i));
    return { type: 'int64', dims: [1, to - from], data: table.slice(from, to) };
  };
}

export interface CachedModelOptions {
  readonly backend: Backend;
  readonly weights: Weights;
  /** Stores weights in half the bytes, rounded to half precision; default false. */
  readonly float16?: boolean;
}

/** The outputs of a program whose names begin with `from`, under names that begin with `to`. */
function renamed(results: Tensors, from: string, to: string): Tensors {
  const chosen = Object.entries(results).filter(([name]) => name.startsWith(from));
  return Object.fromEntries(chosen.map(([name, tensor]) => [to + name.slice(from.length), tensor]));
}

/** A compiled decoder, which continues prompts with or without an encoder's output. */
export interface CompiledDecoder extends Disposable {
  /**
   * A model that reads `memory`, inputs `memory.0.keys` …, [batch, heads, source, d]; it works through `passage`, by default the
   * gate of all.
   */
  bind(memory: Tensors, passage?: Pick<Gate, 'pass'>): CausalModel<CachedState>;
}

/** Compiles one program for prompts and steps; `gate` is closed with it. Throws `CheckpointError` where the weights are not the model's. */
export async function compileDecoder(decoder: CausalDecoder, options: CachedModelOptions, gate: Gate): Promise<CompiledDecoder> {
  const { backend, weights, float16 = false } = options;
  const { vocabularySize, contextLength, layers, keyHeads, headWidth } = decoder.shape;
  const limits = { vocabularySize, contextLength, embeddingWidth: embeddingWidth(decoder) };
  const program = await backend.compile(decodeGraph(decoder, weights, float16));
  const selections = new Map<string, Promise<Program>>();
  const places = countingTable();

  /** Runs new tokens, or vectors in their places, behind a past. */
  async function run(
    { ids, vectors, places: rowsOf, offsets }: PackedPrompts,
    past: Readonly<Record<string, Tensor | TensorLike>>,
    before: number,
    rest: Pick<CachedState, 'memory' | 'ownsMemory' | 'sources'>,
  ): Promise<CausalOutput<CachedState>> {
    const batch = rowsOf.length;
    const length = before + rowsOf[0]!.length;
    const { embeddingWidth: width } = limits;
    const { logits, ...present } = await program.run({
      ...past,
      ...rest.memory,
      ids: int64(ids, [1, ids.length]),
      vectors: { type: 'float32', dims: [vectors.length / width, width], data: vectors },
      rows: int64(rowsOf.flat(), [batch, length - before]),
      offsets: int64(offsets, [batch, 1]),
      places: places(before, length),
      key_places: places(0, length),
      last: int64([length - before - 1], [1]),
    });
    const state = { ...rest, past: renamed(present, 'present.', 'past.'), length, offsets, valid: true };
    const values = (await logits!.read()) as Float32Array;
    logits!.dispose();
    return { logits: rowsOf.map((_, row) => values.subarray(row * vocabularySize, (row + 1) * vocabularySize)), state };
  }

  /** These rows of all tensors of a kind. */
  async function choose(kind: 'past' | 'memory', tensors: Tensors, rows: readonly number[]): Promise<Tensors> {
    if (!selections.has(kind)) selections.set(kind, backend.compile(selectGraph(decoder.shape, kind)));
    const results = await (await selections.get(kind)!).run({ ...tensors, rows: int64(rows, [rows.length]) });
    return renamed(results, 'selected.', '');
  }

  const bind = (memory: Tensors, passage: Pick<Gate, 'pass'> = gate): CausalModel<CachedState> => ({
    ...limits,
    async prefill(prompts) {
      checkPrompts(limits, prompts);
      const told = Object.values(memory)[0]?.dims[0] ?? prompts.length;
      if (prompts.length === 0 || told !== prompts.length)
        throw new GenerationError({
          code: 'GENERATION_PROMPT',
          message: `${prompts.length} prompts were given${told === prompts.length ? '' : `, but the encoder read ${told} inputs`}.`,
          fix: 'Give one prompt or more, as many as the encoder read inputs.',
        });
      const empty: TensorLike = { type: 'float32', dims: [prompts.length, keyHeads, 0, headWidth], data: new Float32Array(0) };
      const past = Object.fromEntries(cacheNames(layers).map((name) => [`past.${name}`, empty]));
      const packed = packPrompts(prompts, limits.embeddingWidth);
      return passage.pass(() => run(packed, past, 0, { memory, ownsMemory: false, sources: [...prompts.keys()] }));
    },
    async step(state, ids) {
      checkStep(state, ids, limits);
      const step = { ids, vectors: new Float32Array(0), places: ids.map((_, row) => [row]), offsets: state.offsets };
      return takeOver(state, async () => {
        const output = await passage.pass(() => run(step, state.past, state.length, state));
        // What is left of the old state is its past: the memory lives on in the new one.
        disposeAll(state.past);
        return output;
      });
    },
    async select(state, rows) {
      checkRows(state, rows);
      const isSame = (chosen: readonly number[], all: readonly number[]) =>
        chosen.length === all.length && chosen.every((one, i) => one === all[i]);
      if (isSame(rows, [...state.offsets.keys()])) return state;
      const sources = rows.map((row) => state.sources[row]!);
      // Beams that change places within a prompt read the same of its encoder.
      const remembers = decoder.shape.memory === undefined || isSame(sources, state.sources);
      return takeOver(state, () =>
        passage.pass(async () => {
          const past = await choose('past', state.past, rows);
          const told = remembers ? state.memory : await choose('memory', state.memory, rows);
          disposeAll(state.past);
          if (!remembers && state.ownsMemory) disposeAll(state.memory);
          const offsets = rows.map((row) => state.offsets[row]!);
          return { past, memory: told, ownsMemory: state.ownsMemory || !remembers, length: state.length, offsets, sources, valid: true };
        }),
      );
    },
    release: releaseState,
  });
  return {
    bind,
    ...disposable(async () => {
      await gate.close();
      await program.release();
      for (const selection of selections.values()) await (await selection.catch(() => undefined))?.release();
    }),
  };
}

/**
 * Compiles a decoder for generation: one program reads prompts and takes steps, keys and values of the past stay in the runtime. Prompts of
 * unequal length are padded at the left, and padding is neither seen nor counted as a position. Throws `CheckpointError` where the weights
 * are not the model's.
 *
 * @example const model = await cachedModel(gpt2(config), { backend, weights }); for await (const { id } of generate(model, prompt)) …
 */
export async function cachedModel(decoder: CausalDecoder, options: CachedModelOptions): Promise<CausalModel<CachedState> & Disposable> {
  const compiled = await compileDecoder(decoder, options, openModelGate());
  return { ...compiled.bind({}), dispose: compiled.dispose, [Symbol.asyncDispose]: compiled[Symbol.asyncDispose] };
}
