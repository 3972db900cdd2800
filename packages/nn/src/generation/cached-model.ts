import { type Backend, type Dims, type Expr, emitOnnx, ops, type Program, type Tensor } from '@polymodal/autograd';
import { type Disposable, type DType, disposable, type TensorLike } from '@polymodal/modality-registry';
import { storedWeights } from '../export-onnx.js';
import { type CausalDecoder, type KeyValues, positionMask } from '../models/decoder.js';
import { namedParameters, type Weights } from '../module.js';
import type { CausalModel, CausalOutput } from './causal-model.js';
import { GenerationError } from './errors.js';

/** Keys and values, resident in the runtime, by the names of the program's inputs. */
type Tensors = Readonly<Record<string, Tensor>>;

/** Keys and values of the past, and which position each of them has. */
interface CachedState {
  readonly past: Tensors;
  /** Those of an encoder's output; owned by the state only where its rows were chosen anew. */
  readonly memory: Tensors;
  readonly ownsMemory: boolean;
  /** One row per sequence; {@link padding} where there is none. */
  readonly positions: readonly (readonly number[])[];
  released: boolean;
}

/** A position that no query reaches; within int32, beyond which ONNX Runtime's Min on int64 gives wrong answers. */
const padding = 2 ** 30;

const cacheNames = (layers: number) => Array.from({ length: layers }, (_, i) => [`${i}.keys`, `${i}.values`]).flat();

function disposeAll(tensors: Tensors): void {
  for (const tensor of Object.values(tensors)) tensor.dispose();
}

function int64(rows: readonly (readonly number[])[]): TensorLike<'int64'> {
  return { type: 'int64', dims: [rows.length, rows[0]?.length ?? 0], data: BigInt64Array.from(rows.flat(), BigInt) };
}

/** Inputs of one program for prompts and steps: the past may be empty. */
function decodeGraph(decoder: CausalDecoder, weights: Weights, float16: boolean): Uint8Array {
  const { layers, keyHeads, headWidth, memory } = decoder.shape;
  const input = (name: string, dims: Dims, type: DType = 'int64') => ops.input(name, type, dims);
  const ids = input('ids', ['batch', 'length']);
  const positions = input('positions', ['batch', 'length']);
  const keyPositions = input('key_positions', ['batch', 'total']);
  const cache = (name: string, length: string): readonly KeyValues[] =>
    Array.from({ length: layers }, (_, i) => {
      const [keys, values] = ['keys', 'values'].map((part) =>
        input(`${name}.${i}.${part}`, ['batch', keyHeads, length, headWidth], 'float32'),
      );
      return { keys: keys!, values: values! };
    });
  const { hidden, present } = decoder.decode({
    embedded: decoder.embed(ids),
    positions,
    keyPositions,
    mask: positionMask(positions, keyPositions),
    past: cache('past', 'past'),
    ...(memory !== undefined && {
      memory: {
        layers: cache('memory', 'source'),
        ...(memory === 'masked' && { mask: input('memory.mask', ['batch', 1, 1, 'source'], 'float32') }),
      },
    }),
  });
  const last = ops.gather(hidden, input('last', [1]), 1); // [batch, 1, width]
  const outputs: Record<string, Expr> = { logits: ops.reshape(decoder.head(last), ['batch', decoder.shape.vocabularySize]) };
  present.forEach(({ keys, values }, i) => {
    outputs[`present.${i}.keys`] = keys;
    outputs[`present.${i}.values`] = values;
  });
  return emitOnnx({
    outputs,
    parameters: new Map([...namedParameters(decoder)].map(([name, node]) => [node, name])),
    weights: storedWeights(decoder, weights, float16),
  });
}

/** Takes rows of every tensor of a state. */
function selectGraph({ layers, keyHeads, headWidth, memory }: CausalDecoder['shape']): Uint8Array {
  const rows = ops.input('rows', 'int64', ['rows']);
  const outputs: Record<string, Expr> = {};
  const select = (name: string, dims: Dims) => {
    outputs[`selected.${name}`] = ops.gather(ops.input(name, 'float32', dims), rows);
  };
  for (const kind of memory === undefined ? ['past'] : ['past', 'memory'])
    for (const name of cacheNames(layers)) select(`${kind}.${name}`, ['batch', keyHeads, kind, headWidth]);
  if (memory === 'masked') select('memory.mask', ['batch', 1, 1, 'memory']);
  return emitOnnx({ outputs });
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
  /** A model that reads `memory`, inputs `memory.0.keys` …, [batch, heads, source, d]; it must stay valid while the model is used. */
  bind(memory: Tensors): CausalModel<CachedState>;
}

/** Compiles one program for prompts and steps. Throws `CheckpointError` where the weights are not the model's. */
export async function compileDecoder(decoder: CausalDecoder, options: CachedModelOptions): Promise<CompiledDecoder> {
  const { backend, weights, float16 = false } = options;
  const { vocabularySize, contextLength, layers, keyHeads, headWidth } = decoder.shape;
  const program = await backend.compile(decodeGraph(decoder, weights, float16));
  let selection: Promise<Program> | undefined;

  const release = (state: CachedState): void => {
    if (state.released) return;
    state.released = true;
    disposeAll(state.past);
    if (state.ownsMemory) disposeAll(state.memory);
  };
  const check = (state: CachedState): void => {
    if (state.released)
      throw new GenerationError({
        code: 'GENERATION_STATE',
        message: 'this state was released, or a later step took it over.',
        fix: 'Go on with the state that the last call gave.',
      });
  };

  /** Runs new tokens behind a past; `positions` are those of all keys. */
  async function run(
    ids: readonly (readonly number[])[],
    past: Readonly<Record<string, Tensor | TensorLike>>,
    rest: Omit<CachedState, 'past' | 'released'>,
  ): Promise<CausalOutput<CachedState>> {
    const length = ids[0]!.length;
    const { positions, memory } = rest;
    const { logits, ...present } = await program.run({
      ...past,
      ...memory,
      ids: int64(ids),
      // Padding needs some position of its own, of which nothing is read.
      positions: int64(positions.map((row) => row.slice(-length).map((position) => (position === padding ? 0 : position)))),
      key_positions: int64(positions),
      last: { type: 'int64', dims: [1], data: BigInt64Array.of(BigInt(length - 1)) },
    });
    const state = { ...rest, past: renamed(present, 'present.', 'past.'), released: false };
    const values = (await logits!.read()) as Float32Array;
    logits!.dispose();
    return { logits: ids.map((_, row) => values.subarray(row * vocabularySize, (row + 1) * vocabularySize)), state };
  }

  const bind = (memory: Tensors): CausalModel<CachedState> => ({
    vocabularySize,
    contextLength,
    prefill(prompts) {
      const longest = prompts.reduce((length, prompt) => Math.max(length, prompt.length), 0);
      const pad = (prompt: ArrayLike<number>, fill: number, values: Iterable<number>) => [
        ...new Array<number>(longest - prompt.length).fill(fill),
        ...values,
      ];
      const empty: TensorLike = { type: 'float32', dims: [prompts.length, keyHeads, 0, headWidth], data: new Float32Array(0) };
      return run(
        prompts.map((prompt) => pad(prompt, 0, Array.from(prompt))),
        Object.fromEntries(cacheNames(layers).map((name) => [`past.${name}`, empty])),
        { memory, ownsMemory: false, positions: prompts.map((prompt) => pad(prompt, padding, Array.from(prompt).keys())) },
      );
    },
    async step(state, ids) {
      check(state);
      const positions = state.positions.map((row) => [...row, row.at(-1)! + 1]);
      const rows = ids.map((id) => [id]);
      const output = await run(rows, state.past, { ...state, positions });
      // What is left of the old state is its past: the memory lives on in the new one.
      state.released = true;
      disposeAll(state.past);
      return output;
    },
    async select(state, rows) {
      check(state);
      if (rows.length === state.positions.length && rows.every((row, i) => row === i)) return state;
      selection ??= backend.compile(selectGraph(decoder.shape));
      const order: TensorLike = { type: 'int64', dims: [rows.length], data: BigInt64Array.from(rows, BigInt) };
      const results = await (await selection).run({ ...state.past, ...state.memory, rows: order });
      release(state);
      return {
        past: renamed(results, 'selected.past.', 'past.'),
        memory: renamed(results, 'selected.memory.', 'memory.'),
        ownsMemory: true,
        positions: rows.map((row) => state.positions[row]!),
        released: false,
      };
    },
    release,
  });
  return {
    bind,
    ...disposable(async () => {
      await program.release();
      const second = await selection?.catch(() => undefined);
      await second?.release();
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
  const compiled = await compileDecoder(decoder, options);
  return { ...compiled.bind({}), dispose: compiled.dispose, [Symbol.asyncDispose]: compiled[Symbol.asyncDispose] };
}
