import { afterAll, describe, expect, test } from '@jest/globals';
import { onnxBackend, ops } from '@polymodal/autograd';
import * as ort from 'onnxruntime-node';
import { countingBackend } from '../../test/counting-backend.js';
import { whisperGolden } from '../../test/golden-configs.js';
import { expectClose } from '../../test/goldens.js';
import { modelGolden, runBoth } from '../../test/model-goldens.js';
import { beamSearch } from '../generation/beam-search.js';
import { conditionalModel } from '../generation/conditional-model.js';
import { generateBatch } from '../generation/generate.js';
import { loadWeights } from '../load-weights.js';
import { isBuffer, namedParameters, parameterCount } from '../module.js';
import { invertNames, renameWeights } from '../names/rename-weights.js';
import { whisperNames } from '../names/whisper-names.js';
import { sinusoids, type WhisperConfig, whisper } from './whisper.js';

const { backend, live } = countingBackend(onnxBackend(ort, { threads: 1 }));
afterAll(() => backend.dispose());

const golden = modelGolden('whisper');
const model = whisper(whisperGolden);

describe("gives openai/whisper's", () => {
  test('encoder output and logits', async () => {
    const { weights } = loadWeights(model, golden.weights);
    const mel = ops.constant(golden.tensor('mel'));
    const { float64, onnx } = await runBoth(
      backend,
      model,
      { hidden: model.encode(mel), logits: model(mel, ops.constant(golden.tensor('tokens'))) },
      weights,
    );
    for (const results of [float64, onnx]) {
      expectClose(results.hidden!, golden.tensor('hidden').data as Float32Array, 1e-5);
      expectClose(results.logits!, golden.tensor('logits').data as Float32Array, 1e-5);
    }
  });

  test('sinusoids, which are not trained', () => {
    expectClose(sinusoids(20, 32), golden.tensor('sinusoids').data as Float32Array, 1e-6);
    expect([...namedParameters(model)].filter(([, leaf]) => isBuffer(leaf)).map(([name]) => name)).toEqual([
      'model.encoder.embed_positions.weight',
    ]);
  });

  test('greedy text, with a cache; batches and beams agree with rows alone', async () => {
    const conditional = await conditionalModel(model, { backend, weights: golden.weights });
    const mel = golden.tensor('mel');
    const heard = await conditional.read({ input_features: mel });
    const greedy = await generateBatch(
      heard,
      [
        [44, 20, 2],
        [44, 20, 2],
      ],
      { maxTokens: 9 },
    );
    expect(greedy[0]!.ids).toEqual([7, 7, 7, 7, 7, 7, 7, 7, 7]);
    const prompts = [[44, 20], [3]];
    const options = { maxTokens: 6, beams: 3, stopIds: [7] };
    const both = await beamSearch(heard, prompts, options);
    await heard.dispose();
    for (const [row, prompt] of prompts.entries()) {
      const data = (mel.data as Float32Array).slice(row * 320, (row + 1) * 320);
      const own = await conditional.read({ input_features: { type: 'float32', dims: [1, 8, 40], data } });
      const [alone] = await beamSearch(own, [prompt], options);
      expect(both[row]!.map(({ ids }) => ids)).toEqual(alone!.map(({ ids }) => ids));
      await own.dispose();
    }
    await conditional.dispose();
    expect(live()).toEqual({ tensors: 0, programs: 0 });
  });

  test('logits at every step with a cache', async () => {
    const conditional = await conditionalModel(model, { backend, weights: golden.weights });
    const heard = await conditional.read({ input_features: golden.tensor('mel') });
    const whole = golden.tensor('logits').data as Float32Array;
    const ids = golden.ids('tokens');
    let { logits, state } = await heard.prefill([ids.slice(0, 4), ids.slice(9, 13)]);
    for (let at = 3; at < 9; at++) {
      for (const row of [0, 1]) expectClose(logits[row]!, whole.subarray((row * 9 + at) * 60, (row * 9 + at + 1) * 60), 1e-5);
      if (at < 8) ({ logits, state } = await heard.step(state, [ids[at + 1]!, ids[9 + at + 1]!]));
    }
    heard.release(state);
    await heard.dispose();
    await conditional.dispose();
    expect(live()).toEqual({ tensors: 0, programs: 0 });
  });

  test("names, back and forth: OpenAI's are renamed to all of this model's", () => {
    const theirs = renameWeights(golden.weights, invertNames(whisperNames));
    expect(theirs.has('decoder.blocks.0.cross_attn.query.weight')).toBe(true);
    expect([...renameWeights(theirs, whisperNames).keys()].sort()).toEqual([...namedParameters(model).keys()].sort());
  });

  test('parameters of the published sizes, built without their values', () => {
    const size = (d_model: number, heads: number, layers: number, rest: Partial<WhisperConfig> = {}): number => {
      const config: WhisperConfig = {
        vocab_size: 51_865,
        num_mel_bins: 80,
        d_model,
        encoder_layers: layers,
        encoder_attention_heads: heads,
        decoder_layers: layers,
        decoder_attention_heads: heads,
        encoder_ffn_dim: 4 * d_model,
        decoder_ffn_dim: 4 * d_model,
        max_source_positions: 1500,
        max_target_positions: 448,
        ...rest,
      };
      return parameterCount(whisper(config));
    };
    expect([size(384, 6, 4), size(512, 8, 6), size(768, 12, 12), size(1024, 16, 24), size(1280, 20, 32)]).toEqual([
      37_184_640, 71_825_920, 240_582_912, 762_321_920, 1_541_384_960,
    ]);
    expect(size(1280, 20, 32, { decoder_layers: 4, num_mel_bins: 128, vocab_size: 51_866 })).toBe(806_958_080);
  });
});
