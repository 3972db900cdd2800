import { type Backend, type Dims, type Expr, emitOnnx, ops, type Program, type Tensor } from '@polymodal/autograd';
import { type Disposable, type DType, disposable, type TensorLike } from '@polymodal/modality-registry';
import { storedWeights } from '../export-onnx.js';
import { type CausalDecoder, type KeyValues, positionMask } from '../models/decoder.js';
import { namedParameters, type Weights } from '../module.js';
import type { CausalModel, CausalOutput } from './causal-model.js';
import { GenerationError } from './errors.js';

/** Keys and values of the past, resident in the runtime, and which position each of them has. */
interface CachedState {
  readonly tensors: Readonly<Record<string, Tensor>>;
  /** One row per sequence; {@link padding} where there is none. */
  readonly positions: readonly (readonly number[])[];
  released: boolean;
}

/** A position that no query reaches. */
const padding = 2 ** 31;

const cacheNames = (layers: number) => Array.from({ length: layers }, (_, i) => [`${i}.keys`, `${i}.values`]).flat();

function int64(rows: readonly (readonly number[])[]): TensorLike<'int64'> {
  return { type: 'int64', dims: [rows.length, rows[0]?.length ?? 0], data: BigInt64Array.from(rows.flat(), BigInt) };
}

/** Inputs of one program for prompts and steps: the past may be empty. */
function decodeGraph(decoder: CausalDecoder, weights: Weights, float16: boolean): Uint8Array {
  const { layers, keyHeads, headWidth } = decoder.shape;
  const input = (name: string, dims: Dims, type: DType = 'int64') => ops.input(name, type, dims);
  const ids = input('ids', ['batch', 'length']);
  const positions = input('positions', ['batch', 'length']);
  const keyPositions = input('key_positions', ['batch', 'total']);
  const cache = (name: string) => input(`past.${name}`, ['batch', keyHeads, 'past', headWidth], 'float32');
  const past = Array.from({ length: layers }, (_, i): KeyValues => ({ keys: cache(`${i}.keys`), values: cache(`${i}.values`) }));
  const { hidden, present } = decoder.decode({
    embedded: decoder.embed(ids),
    positions,
    mask: positionMask(positions, keyPositions),
    past,
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

/** Takes rows of every tensor of a cache. */
function selectGraph({ layers, keyHeads, headWidth }: CausalDecoder['shape']): Uint8Array {
  const rows = ops.input('rows', 'int64', ['rows']);
  const outputs = cacheNames(layers).map((name): [string, Expr] => {
    const past = ops.input(`past.${name}`, 'float32', ['batch', keyHeads, 'past', headWidth]);
    return [`present.${name}`, ops.gather(past, rows)];
  });
  return emitOnnx({ outputs: Object.fromEntries(outputs) });
}

export interface CachedModelOptions {
  readonly backend: Backend;
  readonly weights: Weights;
  /** Stores weights in half the bytes, rounded to half precision; default false. */
  readonly float16?: boolean;
}

/** Renames the outputs of a program as the next run's inputs. */
function asPast(names: readonly string[], results: Readonly<Record<string, Tensor>>): Record<string, Tensor> {
  return Object.fromEntries(names.map((name) => [`past.${name}`, results[`present.${name}`]!]));
}

/**
 * Compiles a decoder for generation: one program reads prompts and takes steps, keys and values of the past stay in the runtime. Prompts of
 * unequal length are padded at the left, and padding is neither seen nor counted as a position. Throws `CheckpointError` where the weights
 * are not the model's.
 *
 * @example const model = await cachedModel(gpt2(config), { backend, weights }); for await (const { id } of generate(model, prompt)) …
 */
export async function cachedModel(decoder: CausalDecoder, options: CachedModelOptions): Promise<CausalModel<CachedState> & Disposable> {
  const { backend, weights, float16 = false } = options;
  const { vocabularySize, contextLength, layers, keyHeads, headWidth } = decoder.shape;
  const names = cacheNames(layers);
  const program = await backend.compile(decodeGraph(decoder, weights, float16));
  let selection: Promise<Program> | undefined;

  const release = (state: CachedState): void => {
    if (state.released) return;
    state.released = true;
    for (const tensor of Object.values(state.tensors)) tensor.dispose();
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
    positions: readonly (readonly number[])[],
  ): Promise<CausalOutput<CachedState>> {
    const length = ids[0]!.length;
    const results = await program.run({
      ...past,
      ids: int64(ids),
      // Padding needs some position of its own, of which nothing is read.
      positions: int64(positions.map((row) => row.slice(-length).map((position) => (position === padding ? 0 : position)))),
      key_positions: int64(positions),
      last: { type: 'int64', dims: [1], data: BigInt64Array.of(BigInt(length - 1)) },
    });
    const state = { tensors: asPast(names, results), positions, released: false };
    const logits = (await results.logits!.read()) as Float32Array;
    results.logits!.dispose();
    return { logits: ids.map((_, row) => logits.subarray(row * vocabularySize, (row + 1) * vocabularySize)), state };
  }

  return {
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
        Object.fromEntries(names.map((name) => [`past.${name}`, empty])),
        prompts.map((prompt) => pad(prompt, padding, Array.from(prompt).keys())),
      );
    },
    async step(state, ids) {
      check(state);
      const positions = state.positions.map((row) => [...row, row.at(-1)! + 1]);
      try {
        return await run(
          ids.map((id) => [id]),
          state.tensors,
          positions,
        );
      } finally {
        release(state);
      }
    },
    async select(state, rows) {
      check(state);
      if (rows.length === state.positions.length && rows.every((row, i) => row === i)) return state;
      selection ??= backend.compile(selectGraph(decoder.shape));
      const order: TensorLike = { type: 'int64', dims: [rows.length], data: BigInt64Array.from(rows, BigInt) };
      try {
        const results = await (await selection).run({ ...state.tensors, rows: order });
        return { tensors: asPast(names, results), positions: rows.map((row) => state.positions[row]!), released: false };
      } finally {
        release(state);
      }
    },
    release,
    ...disposable(async () => {
      await program.release();
      const second = await selection?.catch(() => undefined);
      await second?.release();
    }),
  };
}
