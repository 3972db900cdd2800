import { afterAll, describe, expect, test } from '@jest/globals';
import { type Expr, onnxBackend } from '@polymodal/autograd';
import type { TensorLike } from '@polymodal/modality-registry';
import * as ort from 'onnxruntime-node';
import { countingBackend } from '../../test/counting-backend.js';
import { float32 } from '../../test/problems.js';
import { initialize } from '../initialize.js';
import { t5 } from '../models/t5.js';
import { transformerEncoderDecoder } from '../models/transformer-stacks.js';
import { whisper } from '../models/whisper.js';
import { conditionalModel } from './conditional-model.js';

const { backend, live } = countingBackend(onnxBackend(ort, { threads: 1 }));
afterAll(() => backend.dispose());

const int64 = (dims: readonly number[], values: readonly number[]): TensorLike => ({
  type: 'int64',
  dims,
  data: BigInt64Array.from(values, BigInt),
});
const ones = (...dims: number[]) => int64(dims, new Array(dims.reduce((n, dim) => n * dim, 1)).fill(1));

const translator = t5({ vocab_size: 20, d_model: 8, d_kv: 4, d_ff: 8, num_heads: 2, num_layers: 1 });
const rewriter = transformerEncoderDecoder({ width: 8, heads: 2, layers: 1, vocabulary: 10, context: 6 });
const listener = whisper({
  vocab_size: 20,
  num_mel_bins: 4,
  d_model: 8,
  encoder_layers: 1,
  encoder_attention_heads: 2,
  decoder_layers: 1,
  decoder_attention_heads: 2,
  encoder_ffn_dim: 8,
  decoder_ffn_dim: 8,
  max_source_positions: 5,
  max_target_positions: 6,
});
const text = { input_ids: int64([1, 3], [5, 6, 19]), attention_mask: ones(1, 3) };

describe.each([
  ['t5', translator, text],
  ['transformerEncoderDecoder', rewriter, { source: int64([1, 6], [0, 1, 2, 3, 4, 9]), source_mask: ones(1, 6) }],
  ['whisper', listener, { input_features: float32([1, 4, 10], new Float32Array(40)) }],
])('what the encoder of %s is fed', (name, model, fine) => {
  const cases: Readonly<Record<string, readonly [given: object, message: string][]>> = {
    t5: [
      [
        { input_ids: int64([1, 3], [5, 6, -1]) },
        "element 2 of the encoder's input 'input_ids' [1, 3] is -1, but there are ids from 0 to 19",
      ],
      [{ input_ids: int64([1, 3], [5, 20, 6]) }, "element 1 of the encoder's input 'input_ids' [1, 3] is 20"],
      [
        { attention_mask: float32([1, 3], [1, 1, 1]) },
        "'attention_mask' is float32 [1, 3] with 3 elements, but must be int64 [batch, source]",
      ],
      [{ attention_mask: undefined }, "the encoder's input 'attention_mask' is missing. Give input_ids, attention_mask"],
      [{ attention_mask: ones(1, 2) }, "'source' is 3 in the encoder's input 'input_ids', but 2 in 'attention_mask'"],
      [{ attention_mask: ones(3) }, "'attention_mask' is int64 [3]"],
      [{ input_ids: ones(1, 0), attention_mask: ones(1, 0) }, "'source' is 0 in the encoder's input 'input_ids', but must be at least 1"],
    ],
    transformerEncoderDecoder: [
      [{ source: ones(1, 7), source_mask: ones(1, 7) }, "'source' is 7 in the encoder's input 'source', but must be from 1 to 6"],
      [{ source: int64([1, 6], [0, 1, 2, 3, 4, 10]) }, 'is 10, but there are ids from 0 to 9'],
    ],
    whisper: [
      [
        { input_features: float32([1, 4, 8], new Float32Array(32)) },
        "'input_features' is float32 [1, 4, 8] with 32 elements, but must be float32 [batch, 4, 10]",
      ],
      [{ input_features: float32([1, 4, 10], new Float32Array(9)) }, 'with 9 elements'],
    ],
  };
  test('is checked before it is read', async () => {
    const conditional = await conditionalModel(model, { backend, weights: initialize(model, 1) });
    for (const [given, message] of cases[name]!)
      await expect(conditional.read({ ...fine, ...given })).rejects.toMatchObject({
        code: 'GENERATION_INPUT',
        message: expect.stringContaining(message),
      });
    await (await conditional.read(fine)).dispose();
    await conditional.dispose();
    expect(live()).toEqual({ tensors: 0, programs: 0 });
  });
});

test('what was read is of no use after it was disposed of, which waits for the step in hand', async () => {
  const conditional = await conditionalModel(translator, { backend, weights: initialize(translator, 1) });
  const read = await conditional.read(text);
  const { state } = await read.prefill([[0]]);
  const stepping = read.step(state, [1]);
  const disposed = read.dispose();
  const { logits, state: last } = await stepping;
  expect(logits[0]).toHaveLength(20);
  await disposed;
  const gone = { code: 'GENERATION_STATE', message: 'what was read was disposed of. Read it again.' };
  await expect(read.prefill([[0]])).rejects.toMatchObject(gone);
  await expect(read.step(last, [1])).rejects.toMatchObject(gone);
  await expect(read.select(last, [0, 0])).rejects.toMatchObject(gone);
  read.release(last);
  await (await conditional.read(text)).dispose(); // Another can be read.
  expect(live()).toEqual({ tensors: 0, programs: 2 });
  await conditional.dispose();
  await expect(conditional.read(text)).rejects.toMatchObject({ code: 'GENERATION_STATE', message: expect.stringContaining('the model') });
});

test('a decoder that cannot be compiled leaves no program of the encoder', async () => {
  const decoder = Object.assign((ids: Expr) => translator.decoder(ids), translator.decoder, {
    decode(): never {
      throw new Error('no decoder');
    },
  });
  const broken = conditionalModel({ ...translator, decoder }, { backend, weights: initialize(translator, 1) });
  await expect(broken).rejects.toThrow('no decoder');
  expect(live()).toEqual({ tensors: 0, programs: 0 });
});
