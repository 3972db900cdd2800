import { afterAll, expect, test } from '@jest/globals';
import { onnxBackend, ops } from '@polymodal/autograd';
import * as ort from 'onnxruntime-node';
import { expectClose } from '../../test/goldens.js';
import { expectBlock, modelGolden, runBoth } from '../../test/model-goldens.js';
import { hashNamedShapes } from '../../test/named-shapes.js';
import { loadWeights } from '../load-weights.js';
import { parameterCount } from '../module.js';
import { diffusersNames } from '../names/diffusers-names.js';
import { invertNames, renameWeights } from '../names/rename-weights.js';
import { type AutoencoderKlConfig, autoencoderKl, stableDiffusionAutoencoder } from './autoencoder-kl.js';

const backend = onnxBackend(ort, { threads: 1 });
afterAll(() => backend.dispose());

const golden = modelGolden('autoencoder-kl');
const config: AutoencoderKlConfig = {
  in_channels: 2,
  out_channels: 2,
  latent_channels: 2,
  block_out_channels: [4, 8],
  norm_num_groups: 2,
};
const model = autoencoderKl(config);
const pixels = ops.constant(golden.tensor('pixels'));

test("gives diffusers' output and gradients", async () => {
  await expectBlock(backend, model, model(pixels), golden, 1e-5, { pixels });
});

test('encodes to the distribution, from weights under today’s names and those of older files', async () => {
  const older = renameWeights(golden.weights, invertNames(diffusersNames), { strict: false });
  expect(older.has('encoder.mid_block.attentions.0.proj_attn.weight')).toBe(true);
  const { weights } = loadWeights(model, renameWeights(older, diffusersNames, { strict: false }));
  const { mean, logVariance } = model.encode(pixels);
  const { float64, onnx } = await runBoth(backend, model, { mean, logVariance }, weights);
  for (const results of [float64, onnx]) {
    expectClose(results.mean!, golden.tensor('mean').data as Float32Array, 1e-5);
    expectClose(results.logVariance!, golden.tensor('log_variance').data as Float32Array, 1e-5);
  }
});

test('that of Stable Diffusion has the names and shapes that diffusers 0.20 builds, without its values', () => {
  const whole = autoencoderKl(stableDiffusionAutoencoder);
  expect(parameterCount(whole)).toBe(83_653_863);
  expect(hashNamedShapes(whole)).toBe('a8eb7356226250e756201865679f4127b544badce9a66957f83afdbf731c2f37');
  expect(whole.encode(ops.input('x', 'float32', ['batch', 3, 64, 96])).mean.dims).toEqual(['batch', 4, 8, 12]);
});

test('refuses what would load and compute something else', () => {
  expect(() => autoencoderKl({ ...config, down_block_types: ['AttnDownEncoderBlock2D'] } as AutoencoderKlConfig)).toThrow(
    expect.objectContaining({ code: 'NN_CONFIG' }),
  );
});
