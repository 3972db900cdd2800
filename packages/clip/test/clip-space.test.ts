import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { onnxBackend } from '@polymodal/autograd';
import { imageProcessor } from '@polymodal/image-patcher';
import { createRegistry, type Image } from '@polymodal/modality-registry';
import { type ConformanceCase, conformance } from '@polymodal/modality-registry/conformance';
import * as ort from 'onnxruntime-node';
import { type ClipSpace, clipSpace } from '../src/index.js';
import type { SaveClipOptions } from '../src/node/index.js';
import { captions, noise, preprocessor, tinyModel, tinySpace } from './tiny-model.js';

const backend = onnxBackend(ort, { threads: 1 });
afterAll(() => backend.dispose());
const samples = { text: ['a red heart', '下雨天', ''], image: [noise(32, 32, 3, 1), noise(40, 33, 4, 2)] };

/** Conformance cases have fixed names, but the plugin is made in `beforeAll`: each test runs the case of its name. */
const conformanceOf = (space: ClipSpace): ConformanceCase[] => conformance(space.plugin, { samples });

describe.each([
  ['polymodal towers', false],
  ['CLIP transformers', true],
])('%s', (_, transformer) => {
  let options: SaveClipOptions;
  let space: ClipSpace;
  beforeAll(async () => {
    options = await tinyModel({ transformer });
    space = tinySpace(backend, options);
  });
  afterAll(() => space.dispose());

  test('the plugin keeps every promise of the contract', async () => {
    const cases = conformanceOf(tinySpace(backend, options));
    expect(cases.length).toBeGreaterThan(20);
    const broken: string[] = [];
    for (const { name, run } of cases) await run().catch((error: unknown) => broken.push(`${name}: ${error}`));
    expect(broken).toEqual([]);
  });

  test('batches, whatever their size, give what single items give', async () => {
    const single = tinySpace(backend, options, 1);
    const pair = tinySpace(backend, options, 2);
    const images = [1, 2, 3].map((seed) => noise(20 + seed, 32, 3, seed));
    for (const [whole, parts] of [
      [await space.embedText(captions), [await single.embedText(captions), await pair.embedText(captions)]],
      [await space.embedImages(images), [await single.embedImages(images), await pair.embedImages(images)]],
    ] as const)
      for (const part of parts) {
        expect(part.vectors.dims).toEqual(whole.vectors.dims);
        part.vectors.data.forEach((value, i) => {
          expect(Math.abs(value - whole.vectors.data[i]!)).toBeLessThan(1e-5);
        });
      }
    await Promise.all([single.dispose(), pair.dispose()]);
  });

  test('a text of a megabyte is cut, and so is an empty one embedded', async () => {
    const { vectors } = await space.embedText(['', 'a red heart '.repeat(90_000), '下'.repeat(350_000)]);
    for (let row = 0; row < 3; row++)
      expect(Math.hypot(...vectors.data.subarray(row * space.width, (row + 1) * space.width))).toBeCloseTo(1, 4);
  });
});

describe('one model', () => {
  let options: SaveClipOptions;
  let space: ClipSpace;
  beforeAll(async () => {
    options = await tinyModel();
    space = tinySpace(backend, options, 2);
  });
  afterAll(() => space.dispose());

  test('the registry finds both embedders, which share a space', async () => {
    const registry = createRegistry([space.plugin]);
    expect(registry.embedder('text', { space: 'tiny' }).space).toEqual(registry.embedder('image').space);
    expect(registry.route({ from: 'text', to: 'image' })).toHaveLength(1);
    expect(space.plugin.version).toBe(JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version);
  });

  test('a name with spaces becomes a plugin name without', () => {
    const { model, weights, tokenizer } = options;
    const named = clipSpace({
      backend,
      model,
      weights,
      tokenizer,
      processor: imageProcessor(preprocessor),
      space: { name: 'my model', fingerprint: '0123456789abcdef' },
    });
    expect(named.plugin.name).toBe('@polymodal/clip/my-model');
  });

  test('an abort between batches is heard, and progress is told', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const seen: number[] = [];
    const call = space.embedText(captions, {
      signal: controller.signal,
      onProgress({ done, total }) {
        seen.push(done, total!);
        setTimeout(() => controller.abort(reason));
      },
    });
    await expect(call).rejects.toBe(reason);
    expect(seen.slice(0, 2)).toEqual([2, 6]);
    expect(seen.length).toBeLessThan(6);
  });

  test('transparent pictures lie on the background that the model was made for', async () => {
    const clear: Image = { data: new Uint8Array(32 * 32 * 4), width: 32, height: 32, channels: 4 };
    const white: Image = { data: new Uint8Array(32 * 32 * 3).fill(255), width: 32, height: 32, channels: 3 };
    const { vectors } = await space.embedImages([clear, white]);
    expect(vectors.data.slice(0, 16)).toEqual(vectors.data.slice(16));
  });

  test('classify gives probabilities, best first, and averages templates', async () => {
    const image = noise(32, 32, 3, 5);
    const classes = await space.classify({ image }, ['a red heart', 'rain', '$& {}'], { template: ['{}', 'a picture of {}'] });
    expect(classes.reduce((sum, { score }) => sum + score, 0)).toBeCloseTo(1, 6);
    expect(classes.map(({ score }) => score)).toEqual(classes.map(({ score }) => score).sort((a, b) => b - a));
    expect(classes.map(({ label }) => label).sort()).toEqual(['$& {}', 'a red heart', 'rain']);

    const [[text], [picture]] = await Promise.all([
      Promise.all([space.embedText(['a red heart', 'rain'])]),
      Promise.all([space.embedImages([image])]),
    ]);
    const cosine = (row: number) => picture.vectors.data.reduce((sum, value, i) => sum + value * text.vectors.data[row * 16 + i]!, 0);
    const odds = Math.exp(space.logitScale * (cosine(0) - cosine(1)));
    const plain = new Map((await space.classify({ image }, ['a red heart', 'rain'])).map(({ label, score }) => [label, score]));
    expect(plain.get('a red heart')! / plain.get('rain')!).toBeCloseTo(odds, 3);
  });

  test.each<[string, string, () => Promise<unknown>]>([
    ['no labels', 'CLIP_LABELS', () => space.classify({ image: noise(32, 32, 3, 1) }, [])],
    ['labels that are a string', 'CLIP_LABELS', () => space.classify({ image: noise(32, 32, 3, 1) }, 'cat' as never)],
    ['a template without a place', 'CLIP_TEMPLATE', () => space.classify({ image: noise(32, 32, 3, 1) }, ['cat'], { template: 'a photo' })],
    ['an empty list of templates', 'CLIP_TEMPLATE', () => space.classify({ image: noise(32, 32, 3, 1) }, ['cat'], { template: [] })],
    ['null in place of texts', 'CLIP_INPUT', () => space.embedText(null as never)],
    ['one picture in place of a list', 'CLIP_INPUT', () => space.embedImages(noise(32, 32, 3, 1) as never)],
    ['pixels of another size', 'CLIP_INPUT', () => space.encodePixels({ type: 'float32', dims: [1, 3, 4, 4], data: new Float32Array(48) })],
    ['more ids than the model reads', 'CLIP_INPUT', () => space.encodeIds({ type: 'int64', dims: [1, 33], data: new BigInt64Array(33) })],
    [
      'an id past the vocabulary',
      'AUTOGRAD_RUNTIME',
      () => space.encodeIds({ type: 'int64', dims: [1, 1], data: BigInt64Array.of(99_999n) }),
    ],
  ])('refuses %s', async (_, code, call) => {
    await expect(call()).rejects.toMatchObject({ code, message: expect.stringContaining(' ') });
  });

  test('preprocessors of another model are refused', async () => {
    const { model, weights, tokenizer } = options;
    const space = { name: 'x', fingerprint: '0123456789abcdef' };
    const processor = imageProcessor({ ...preprocessor, crop_size: 24 });
    expect(() => clipSpace({ backend, model, weights, tokenizer, processor, space })).toThrow(
      'the image processor makes [3, 24, 24], but the model takes [3, 32, 32]. Set crop_size to 32',
    );
  });

  test('disposal of one part leaves the other; disposal of all refuses further calls', async () => {
    const own = tinySpace(backend, options);
    await own.embedText(['a']);
    await own.plugin.parts[0].dispose?.();
    await expect(own.embedText(['a'])).rejects.toMatchObject({ code: 'CLIP_DISPOSED' });
    expect((await own.embedImages([])).vectors.dims).toEqual([0, 16]);
    await own.embedImages([noise(32, 32, 3, 1)]);
    await own.dispose();
    await own[Symbol.asyncDispose]();
    await expect(own.embedImages([noise(32, 32, 3, 1)])).rejects.toMatchObject({ code: 'CLIP_DISPOSED' });
  });
});
