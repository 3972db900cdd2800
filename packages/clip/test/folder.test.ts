import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { onnxBackend } from '@polymodal/autograd';
import { PolymodalError, type TensorLike } from '@polymodal/modality-registry';
import { parseSafetensors, serializeSafetensors } from '@polymodal/nn';
import * as ort from 'onnxruntime-node';
import { ClipError, type ClipSpace, parseClipConfig } from '../src/index.js';
import { loadClip, type SaveClipOptions, saveClip } from '../src/node/index.js';
import { clipGoldens, goldenArray, goldenConfig, goldenWeights, largestDifference } from './goldens.js';
import { captions, noise, preprocessor, tinyModel, tinySpace } from './tiny-model.js';

const backend = onnxBackend(ort, { threads: 1 });
let root: string;
let good: string;
let options: SaveClipOptions;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'polymodal-clip-'));
  good = join(root, 'a tiny model');
  options = await tinyModel();
  await saveClip(good, options);
});
const opened: ClipSpace[] = [];
async function open(folder: string): Promise<ClipSpace> {
  const space = await loadClip(folder, { backend });
  opened.push(space);
  return space;
}
afterAll(async () => {
  for (const space of opened) await space.dispose();
  await backend.dispose();
  await rm(root, { recursive: true });
});

/** A copy of the good folder with one file changed. */
async function changed(name: string, change: (bytes: Buffer) => Uint8Array | string | undefined): Promise<string> {
  const folder = await mkdtemp(join(root, 'bad-'));
  await cp(good, folder, { recursive: true });
  const value = change(await readFile(join(folder, name)));
  if (value === undefined) await rm(join(folder, name));
  else await writeFile(join(folder, name), value);
  return folder;
}

test('a saved folder embeds as the model in memory does, once that is rounded to float16', async () => {
  const images = [noise(32, 32, 3, 1), noise(50, 41, 4, 2)];
  const loaded = await open(good);
  const inMemory = tinySpace(backend, options);
  opened.push(inMemory);
  expect((await loaded.embedText(captions)).vectors).toEqual((await inMemory.embedText(captions)).vectors);
  expect((await loaded.embedImages(images)).vectors).toEqual((await inMemory.embedImages(images)).vectors);
  expect(loaded.space).toEqual({ name: 'tiny', fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/) });
  expect(loaded.logitScale).toBeCloseTo(20, 1);
});

test('another preprocessing is another space, and a folder without a name gives its own', async () => {
  const other = await changed('preprocessor_config.json', (bytes) => `${bytes} `);
  const unnamed = await changed('config.json', (bytes) => String(bytes).replace('"space_name"', '"x"'));
  const [first, second, third] = await Promise.all([good, other, unnamed].map(open));
  expect(first!.space.name).toBe(second!.space.name);
  expect(first!.space.fingerprint).not.toBe(second!.space.fingerprint);
  expect(third!.space.name).toMatch(/^bad-/);
});

test('a checkpoint with the names of openai/CLIP loads without a config.json', async () => {
  const golden = clipGoldens[0]!;
  const weights = new Map<string, TensorLike>(goldenWeights(golden.weights_openai_names));
  // The sizes that OpenAI's archives carry along.
  weights.set('input_resolution', { type: 'int64', dims: [], data: BigInt64Array.of(32n) });
  const folder = await changed('model.safetensors', () => serializeSafetensors(weights));
  const vocabulary = Object.fromEntries(Array.from({ length: 94 }, (_, i) => [String.fromCharCode(33 + i), i]));
  const tokenizer = {
    added_tokens: [],
    normalizer: null,
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, use_regex: true },
    post_processor: null,
    decoder: { type: 'ByteLevel' },
    model: { type: 'BPE', vocab: vocabulary, merges: [] },
  };
  await writeFile(join(folder, 'tokenizer.json'), JSON.stringify(tokenizer));
  await rm(join(folder, 'config.json'));
  const space = await open(folder);
  // OpenAI's heads are 64 wide, and this golden's are not: so only the shape can be compared, until a config.json says how many there are.
  const { dims } = await space.encodeIds(goldenArray(golden.text) as TensorLike<'int64'>);
  expect(dims).toEqual(golden.encode_text.shape);
  await writeFile(join(folder, 'config.json'), JSON.stringify(goldenConfig(golden)));
  const exact = await open(folder);
  const pixels = goldenArray(golden.image) as TensorLike<'float32'>;
  expect(largestDifference((await exact.encodePixels(pixels)).data, goldenArray(golden.encode_image).data as Float32Array)).toBeLessThan(
    1e-4,
  );
});

/** The weights file with one tensor replaced. */
const withTensor = (name: string, change: (tensor: TensorLike) => TensorLike | undefined) => (bytes: Buffer) => {
  const tensors = new Map(parseSafetensors(bytes).tensors);
  const value = change(tensors.get(name)!);
  if (value === undefined) tensors.delete(name);
  else tensors.set(name, value);
  return serializeSafetensors(tensors);
};
const withJson =
  (change: (json: { [name: string]: unknown; text_config: object; vision_config: object }) => object) =>
  (bytes: Buffer): string =>
    JSON.stringify(change(JSON.parse(String(bytes))));

const [configFile, weightsFile, processorFile] = ['config.json', 'model.safetensors', 'preprocessor_config.json'];

describe('a bad folder is refused with an error that names the file and the fix', () => {
  test.each<[what: string, file: string, change: Parameters<typeof changed>[1], code: string, says: RegExp]>([
    ...['config.json', 'model.safetensors', 'tokenizer.json', 'tokenizer_config.json', 'preprocessor_config.json'].map(
      (name) =>
        [`no ${name}`, name, () => undefined, 'CLIP_FOLDER', /no readable .* Pass a folder with/] as [
          string,
          string,
          () => undefined,
          string,
          RegExp,
        ],
    ),
    ['truncated weights', weightsFile, (bytes) => bytes.subarray(0, bytes.length - 100), 'CHECKPOINT_TRUNCATED', /./],
    ['weights of 0 bytes', weightsFile, () => '', 'CHECKPOINT_TRUNCATED', /./],
    ['weights that are text', weightsFile, () => 'this is not the file that you look for', 'CHECKPOINT_HEADER', /./],
    [
      'a tensor of another shape',
      weightsFile,
      withTensor('text_projection.weight', (tensor) => ({ ...tensor, dims: [...tensor.dims].reverse() })),
      'CHECKPOINT_SHAPE',
      /"text_projection.weight" has dims \[24, 16\].*expects \[16, 24\]/,
    ],
    ['a missing tensor', weightsFile, withTensor('logit_scale', () => undefined), 'CHECKPOINT_MISSING', /lack "logit_scale"/],
    [
      'a NaN',
      weightsFile,
      withTensor('logit_scale', (tensor) => ({ ...tensor, data: Uint16Array.of(0x7e00) }) as TensorLike),
      'CHECKPOINT_NOT_FINITE',
      /"logit_scale" has a NaN/,
    ],
    [
      'integer weights',
      weightsFile,
      withTensor('logit_scale', () => ({ type: 'int32', dims: [], data: Int32Array.of(3) })),
      'CHECKPOINT_DTYPE',
      /"logit_scale" is int32/,
    ],
    ['a config that is not JSON', configFile, () => '{', 'CLIP_FOLDER', /no JSON object/],
    ['a config that is a list', configFile, () => '[]', 'CLIP_FOLDER', /no JSON object/],
    ['a config that is not UTF-8', configFile, () => Uint8Array.of(0x7b, 0xff, 0x7d), 'CLIP_FOLDER', /no JSON object/],
    [
      'another model type',
      configFile,
      withJson((json) => ({ ...json, model_type: 'bert' })),
      'CLIP_CONFIG',
      /'model_type' is "bert", but must be 'clip'/,
    ],
    ['no text_config', configFile, withJson((json) => ({ ...json, text_config: null })), 'CLIP_CONFIG', /'text_config' is null/],
    [
      'an unknown tower',
      configFile,
      withJson((json) => ({ ...json, vision_config: { model_type: 'constructor' } })),
      'CLIP_CONFIG',
      /'vision_config.model_type' is "constructor", but must be one of clip_vision_model, polymodal_convolutional/,
    ],
    ['a width of 0', configFile, withJson((json) => ({ ...json, projection_dim: 0 })), 'CLIP_CONFIG', /'projection_dim' is 0/],
    [
      'a width that would exhaust memory',
      configFile,
      withJson((json) => ({ ...json, projection_dim: 1e12 })),
      'CLIP_CONFIG',
      /'projection_dim' is 1000000000000/,
    ],
    [
      'a scale that is no number',
      configFile,
      withJson((json) => ({ ...json, logit_scale_init_value: 'e' })),
      'CLIP_CONFIG',
      /'logit_scale_init_value' is "e"/,
    ],
    ['an empty space name', configFile, withJson((json) => ({ ...json, space_name: '' })), 'CLIP_CONFIG', /'space_name' is ""/],
    [
      'an unknown activation',
      configFile,
      withJson((json) => ({ ...json, text_config: { ...json.text_config, hidden_act: 'toString' } })),
      'CLIP_CONFIG',
      /'text_config.hidden_act' is "toString", but must be one of elu, gelu/,
    ],
    [
      'more stages than sizes',
      configFile,
      withJson((json) => ({ ...json, vision_config: { ...json.vision_config, stage_blocks: [1] } })),
      'CLIP_CONFIG',
      /'vision_config.stage_blocks'/,
    ],
    [
      'a million blocks',
      configFile,
      withJson((json) => ({ ...json, vision_config: { ...json.vision_config, stage_blocks: [0, 1e6, 1] } })),
      'CLIP_CONFIG',
      /integers from 0 to 1024/,
    ],
    [
      'a picture that cannot be halved',
      configFile,
      withJson((json) => ({ ...json, vision_config: { ...json.vision_config, image_size: 36 } })),
      'CLIP_CONFIG',
      /'vision_config.image_size' is 36, but must be a multiple of 8/,
    ],
    [
      'heads that do not divide',
      configFile,
      withJson((json) => ({ ...json, text_config: { hidden_size: 30, num_attention_heads: 4 } })),
      'CLIP_CONFIG',
      /'text_config.num_attention_heads' is 4, but must be a divisor/,
    ],
    [
      'a million layers',
      configFile,
      withJson((json) => ({ ...json, text_config: { num_hidden_layers: 1e6 } })),
      'CLIP_CONFIG',
      /'text_config.num_hidden_layers' is 1000000/,
    ],
    [
      'patches larger than the picture',
      configFile,
      withJson((json) => ({ ...json, vision_config: { image_size: 16, patch_size: 32 } })),
      'CLIP_CONFIG',
      /'vision_config.patch_size'/,
    ],
    [
      'a smaller vocabulary',
      configFile,
      withJson((json) => ({ ...json, text_config: { ...json.text_config, vocab_size: 10 } })),
      'CHECKPOINT_SHAPE',
      /token_embedding/,
    ],
    [
      'another padding',
      configFile,
      withJson((json) => ({ ...json, text_config: { ...json.text_config, pad_token_id: 5 } })),
      'CLIP_MISMATCH',
      /pads with id 0, but text_config.pad_token_id is 5/,
    ],
    ['a tokenizer that is not JSON', 'tokenizer.json', (bytes) => bytes.subarray(0, 99), 'TOKENIZER_FILE', /./],
    [
      'another picture size',
      processorFile,
      () => JSON.stringify({ ...preprocessor, crop_size: 16 }),
      'CLIP_MISMATCH',
      /makes \[3, 16, 16\], but the model takes \[3, 32, 32\]/,
    ],
    ['an unknown processor', processorFile, () => '{"image_processor_type":"X"}', 'IMAGE_PROCESSOR_UNKNOWN', /"X"/],
    [
      'a background that is no colour',
      processorFile,
      () => JSON.stringify({ ...preprocessor, background_color: 'white' }),
      'CLIP_CONFIG',
      /'background_color' is "white"/,
    ],
  ])('%s', async (_, file, change, code, says) => {
    const folder = await changed(file!, change);
    const error = await loadClip(folder, { backend }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ClipError);
    if (!PolymodalError.isInstance(error)) throw error;
    expect(error.message).toMatch(says);
    expect(error.code).toBe(code);
    expect(error.message).toContain(folder);
    // A sound config.json of another model is contradicted by the weights, or by a preprocessor.
    if (code === 'CHECKPOINT_SHAPE') expect(error.message).toContain('model.safetensors');
    else if (code !== 'CLIP_MISMATCH') expect(error.message).toContain(file!);
    expect(error.fix).toBeTruthy();
  });
});

test('what may be left out of a published config.json has the defaults of Hugging Face', () => {
  const config = parseClipConfig({ model_type: 'clip', text_config: {}, vision_config: {} });
  expect(config).toMatchObject({
    projection_dim: 512,
    text_config: {
      model_type: 'clip_text_model',
      hidden_size: 512,
      num_attention_heads: 8,
      vocab_size: 49408,
      hidden_act: 'quick_gelu',
      eos_token_id: 2,
    },
    vision_config: { model_type: 'clip_vision_model', hidden_size: 768, num_attention_heads: 12, patch_size: 32, image_size: 224 },
  });
});

test('a folder that cannot be written is reported, and leaves nothing half-written', async () => {
  const file = join(root, 'a file');
  await writeFile(file, '');
  await expect(saveClip(join(file, 'model'), options)).rejects.toMatchObject({ code: 'CLIP_WRITE' });
});
