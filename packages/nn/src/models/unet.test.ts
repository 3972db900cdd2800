import { afterAll, describe, expect, test } from '@jest/globals';
import { onnxBackend, ops } from '@polymodal/autograd';
import type { TensorLike } from '@polymodal/modality-registry';
import * as ort from 'onnxruntime-node';
import { unetGolden } from '../../test/golden-configs.js';
import { expectClose } from '../../test/goldens.js';
import { expectBlock, modelGolden, runBoth } from '../../test/model-goldens.js';
import { hashNamedShapes } from '../../test/named-shapes.js';
import { exportOnnx } from '../export-onnx.js';
import { initialize } from '../initialize.js';
import { loraAdapter, mergeLora } from '../lora.js';
import { parameterCount, type Weights } from '../module.js';
import { diffusersNames } from '../names/diffusers-names.js';
import { invertNames, renameWeights } from '../names/rename-weights.js';
import { unet } from './unet.js';
import { type UnetConfig, unetConfigs } from './unet-config.js';

const backend = onnxBackend(ort, { threads: 1 });
afterAll(() => backend.dispose());

describe("gives diffusers' outputs and gradients", () => {
  test('with a context, of a picture with an odd height', async () => {
    const golden = modelGolden('unet');
    const model = unet(unetGolden);
    const [sample, time, context] = ['sample', 'time', 'context'].map((name) => ops.constant(golden.tensor(name)));
    const y = model(sample!, time!, { context: context! });
    await expectBlock(backend, model, y, golden, 1e-5, { sample: sample!, context: context! });
  });

  test('in the form of Stable Diffusion XL', async () => {
    const golden = modelGolden('unet-xl');
    const model = unet({
      ...unetGolden,
      layers_per_block: [1, 1],
      down_block_types: ['DownBlock2D', 'CrossAttnDownBlock2D'],
      up_block_types: ['CrossAttnUpBlock2D', 'UpBlock2D'],
      attention_head_dim: [2, 4],
      use_linear_projection: true,
      transformer_layers_per_block: [1, 2],
      addition_embed_type: 'text_time',
      addition_time_embed_dim: 4,
      projection_class_embeddings_input_dim: 27,
    });
    const [sample, time, context, text, ids] = ['sample', 'time', 'context', 'text', 'ids'].map((name) =>
      ops.constant(golden.tensor(name)),
    );
    const y = model(sample!, time!, { context: context!, pooledText: text!, sizes: ids! });
    await expectBlock(backend, model, y, golden, 1e-5, { sample: sample!, context: context!, text: text! });
  });

  test('without a context, with classes', async () => {
    const golden = modelGolden('unet-unconditional');
    const model = unet({
      in_channels: 1,
      out_channels: 1,
      block_out_channels: [4, 8],
      down_block_types: ['DownBlock2D', 'AttnDownBlock2D'],
      up_block_types: ['AttnUpBlock2D', 'UpBlock2D'],
      attention_head_dim: 4,
      norm_num_groups: 2,
      norm_eps: 1e-6,
      downsample_padding: 0,
      flip_sin_to_cos: false,
      freq_shift: 1,
      num_class_embeds: 3,
    });
    const [sample, time, classes] = ['sample', 'time', 'classes'].map((name) => ops.constant(golden.tensor(name)));
    await expectBlock(backend, model, model(sample!, time!, { classes: classes! }), golden, 1e-5, { sample: sample! });
  });
});

// Counts and names are of the models as diffusers 0.20 builds them; the first count is the one that Rombach et al.'s model is known for.
test.each([
  ['stable-diffusion-1', 859_520_964, '06ab0a594a10b99fc9b3d3c034559b191a587c22cb887c343b18421a3fbb5748'],
  ['stable-diffusion-2', 865_910_724, '102cedebfb24e477a06ae61809735ebaa75f361e6549862d432f445ef996fd26'],
  ['stable-diffusion-xl', 2_567_463_684, '1252d970e55232bbd2526e7f7f8116e2bd481ea0e8be98a3e70edeb3fc5e22ac'],
  ['ddpm-cifar10', 35_746_307, '51561907f7a38b7b03e3ec74c7cef9c75ccbe8e5103e5fdee4c659baef00c835'],
] as const)('%s has the names and shapes of the published file, built without its values', (name, count, hash) => {
  const model = unet(unetConfigs[name]);
  expect(parameterCount(model)).toBe(count);
  expect(hashNamedShapes(model)).toBe(hash);
});

test('older files name attention otherwise, in every block', () => {
  const { weights } = modelGolden('unet-unconditional');
  const older = renameWeights(weights, invertNames(diffusersNames), { strict: false });
  expect([...older.keys()]).toEqual(
    expect.arrayContaining(['down_blocks.1.attentions.0.query.bias', 'mid_block.attentions.0.proj_attn.weight']),
  );
  expect([...older.keys()].filter((name) => name.includes('.to_'))).toEqual([]);
  expect([...renameWeights(older, diffusersNames, { strict: false }).keys()].sort()).toEqual([...weights.keys()].sort());
});

test('Stable Diffusion XL is built for pictures of 1024 pixels from texts of any number', () => {
  const [sample, context] = [ops.input('x', 'float32', ['batch', 4, 128, 128]), ops.input('c', 'float32', ['batch', 77, 2048])];
  const [pooledText, sizes] = [ops.input('p', 'float32', ['batch', 1280]), ops.input('s', 'int64', ['batch', 6])];
  const y = unet(unetConfigs['stable-diffusion-xl'])(sample, ops.input('t', 'int64', [1]), { context, pooledText, sizes });
  expect(y.dims).toEqual(['batch', 4, 128, 128]);
});

test('exports with a batch and a context of any size, one step for all', async () => {
  const golden = modelGolden('unet');
  const model = unet(unetGolden);
  const bytes = exportOnnx(model, {
    inputs: {
      sample: { type: 'float32', dims: ['batch', 4, 5, 6] },
      timestep: { type: 'int64', dims: [1] },
      encoder_hidden_states: { type: 'float32', dims: ['batch', 'length', 6] },
    },
    forward: ({ sample, timestep, encoder_hidden_states }) => ({ y: model(sample!, timestep!, { context: encoder_hidden_states! }) }),
    weights: golden.weights,
  });
  const program = await backend.compile(bytes);
  const row = (name: string): TensorLike => {
    const { dims, data } = golden.tensor(name);
    return { type: 'float32', dims: [1, ...dims.slice(1)], data: (data as Float32Array).slice(0, data.length / dims[0]!) };
  };
  const { y } = await program.run({
    sample: row('sample'),
    timestep: { type: 'int64', dims: [1], data: BigInt64Array.of(3n) },
    encoder_hidden_states: row('context'),
  });
  expectClose((await y!.read()) as Float32Array, (golden.tensor('y').data as Float32Array).slice(0, 4 * 5 * 6), 1e-5);
  await program.release();
});

test('low-rank adapters stand at every linear layer of attention, by its name; merged they vanish', async () => {
  const golden = modelGolden('unet');
  const adapted = unet(unetGolden, { adapt: loraAdapter({ rank: 1, match: (name) => name.includes('.attentions.') }) });
  const start = initialize(adapted, 1);
  const moved = new Map(
    [...start].map(([name, { dims, data }]) => [name, { type: 'float32' as const, dims, data: data.map((x) => x + 0.1) }]),
  );
  const added = [...start.keys()].filter((name) => name.includes('lora_'));
  // Two attentions of four layers each and two of the feed-forward part, in four transformers.
  expect(added).toHaveLength(2 * 10 * 4);
  expect(added).toContain('up_blocks.1.attentions.1.transformer_blocks.0.attn2.to_out.0.lora_A.weight');
  const weights = new Map([...moved, ...golden.weights]);
  const inputs = ['sample', 'time', 'context'].map((name) => ops.constant(golden.tensor(name)));
  const outputOf = async (model: typeof adapted, values: Weights) =>
    (await runBoth(backend, model, { y: model(inputs[0]!, inputs[1]!, { context: inputs[2]! }) }, values)).onnx.y!;
  const given = await outputOf(adapted, weights);
  expect(given.some((value, i) => Math.abs(value - (golden.tensor('y').data as Float32Array)[i]!) > 1e-3)).toBe(true);
  expectClose(given, await outputOf(unet(unetGolden), mergeLora(adapted, weights)), 1e-5);
});

test('starts with 0 for an output, from values of every parameter', () => {
  const start = initialize(unet(unetGolden), 1);
  expect([...start.get('conv_out.weight')!.data].every((value) => value === 0)).toBe(true);
  expect(start.size).toBe(modelGolden('unet').weights.size);
});

describe('refuses', () => {
  test.each<[string, object, string]>([
    [
      'a form that would load and compute something else',
      { resnet_time_scale_shift: 'scale_shift' },
      'resnet_time_scale_shift is "scale_shift"',
    ],
    ['an unknown block', { down_block_types: ['KDownBlock2D', 'DownBlock2D'] }, 'down_block_types is ["KDownBlock2D","DownBlock2D"]'],
    ['lists of another length', { layers_per_block: [1, 1, 1] }, 'layers_per_block has 3 entries for 2 resolutions'],
    ['attention to a context of no width', { cross_attention_dim: undefined }, 'without a cross_attention_dim'],
    ['text_time without its widths', { addition_embed_type: 'text_time' }, 'addition_time_embed_dim is missing'],
  ])('%s', (_, fields, message) => {
    const build = () => unet({ ...unetGolden, ...fields } as UnetConfig);
    expect(build).toThrow(message);
    expect(build).toThrow(expect.objectContaining({ code: 'NN_CONFIG' }));
  });

  test('conditions that are missing, or that the model does not take', () => {
    const model = unet(unetGolden);
    const sample = ops.input('x', 'float32', ['batch', 4, 8, 8]);
    const time = ops.input('t', 'float32', ['batch']);
    const context = ops.input('c', 'float32', ['batch', 7, 6]);
    expect(() => model(sample, time)).toThrow("'context' is missing");
    expect(() => model(sample, time, { context, classes: time })).toThrow(expect.objectContaining({ code: 'NN_CONDITION' }));
    const misspelt = { context, text: context };
    expect(() => model(sample, time, misspelt)).toThrow("takes no 'text'");
    expect(() => model(sample, time, { context, classes: undefined as never })).not.toThrow();
    const blind = { cross_attention_dim: undefined, down_block_types: ['DownBlock2D', 'DownBlock2D'] };
    const plain = unet({ ...unetGolden, ...blind, up_block_types: ['UpBlock2D', 'UpBlock2D'] } as unknown as UnetConfig);
    expect(() => plain(sample, time, { contextMask: ops.input('m', 'bool', [1, 1, 1, 7]) })).toThrow("takes no 'contextMask'");
  });
});
