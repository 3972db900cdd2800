import { type Dims, type Expr, emitOnnx, ops } from '@polymodal/autograd';
import type { DType } from '@polymodal/modality-registry';
import { storedWeights } from '../export-onnx.js';
import { type CausalDecoder, type KeyValues, positionMask } from '../models/decoder.js';
import { namedParameters, type Weights } from '../module.js';

/** A position that no query reaches; within int32, beyond which ONNX Runtime's Min on int64 gives wrong answers. */
const padding = 2 ** 30;

/** What a cache holds, after its prefix. */
export const cacheNames = (layers: number) => Array.from({ length: layers }, (_, i) => [`${i}.keys`, `${i}.values`]).flat();

const input = (name: string, dims: Dims, type: DType = 'int64') => ops.input(name, type, dims);

/** The width of what a decoder's table of tokens gives. */
export const embeddingWidth = (decoder: CausalDecoder) => decoder.embed(input('ids', [1, 'tokens'])).dims.at(-1) as number;

/** One program for prompts and steps: the past may be empty, and so may the tokens or the vectors in their places. */
export function decodeGraph(decoder: CausalDecoder, weights: Weights, float16: boolean): Uint8Array {
  const { layers, keyHeads, headWidth, memory } = decoder.shape;
  const width = embeddingWidth(decoder);
  const tokens = ops.reshape(decoder.embed(input('ids', [1, 'tokens'])), ['tokens', width]);
  const table = ops.concat([tokens, input('vectors', ['vectors', width], 'float32')], 0, { size: 'table' });
  // Places are counted from the left of the batch, padding included; positions without it.
  const offsets = input('offsets', ['batch', 1]);
  const positions = ops.maximum(ops.sub(input('places', [1, 'length']), offsets), 0); // [batch, length]
  const keyPlaces = input('key_places', [1, 'total']);
  const keyPositions = ops.where(ops.less(keyPlaces, offsets), padding, ops.sub(keyPlaces, offsets)); // [batch, total]
  const cache = (name: string, length: string): readonly KeyValues[] =>
    Array.from({ length: layers }, (_, i) => {
      const [keys, values] = ['keys', 'values'].map((part) =>
        input(`${name}.${i}.${part}`, ['batch', keyHeads, length, headWidth], 'float32'),
      );
      return { keys: keys!, values: values! };
    });
  const { hidden, present } = decoder.decode({
    embedded: ops.gather(table, input('rows', ['batch', 'length'])), // [batch, length, width]
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

/** Takes rows of every tensor of a kind. */
export function selectGraph({ layers, keyHeads, headWidth, memory }: CausalDecoder['shape'], kind: 'past' | 'memory'): Uint8Array {
  const rows = input('rows', ['rows']);
  const outputs: Record<string, Expr> = {};
  const select = (name: string, dims: Dims) => {
    outputs[`selected.${kind}.${name}`] = ops.gather(input(`${kind}.${name}`, dims, 'float32'), rows);
  };
  for (const name of cacheNames(layers)) select(name, ['batch', keyHeads, 'length', headWidth]);
  if (kind === 'memory' && memory === 'masked') select('mask', ['batch', 1, 1, 'length']);
  return emitOnnx({ outputs });
}
