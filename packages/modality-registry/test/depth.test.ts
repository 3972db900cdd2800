import { describe, expect, test } from '@jest/globals';
import { createRegistry, type EmbedderPart, RegistryError, type TokenizerPart } from '@polymodal/modality-registry';
import { conformance } from '@polymodal/modality-registry/conformance';
import { type DepthMap, depth } from './depth-plugin.js';
import { type Equal, expectType } from './type-equality.js';

const flat: DepthMap = { metres: new Float32Array(16).fill(2), width: 4, height: 4 };
const ramp: DepthMap = { metres: Float32Array.from({ length: 16 }, (_, i) => i / 2), width: 4, height: 4 };

describe('a modality of a third party', () => {
  for (const { name, run } of conformance(depth, { samples: [flat, ramp] })) test(name, run);

  test('is found by the registry, with its own types', async () => {
    const registry = createRegistry([depth]);
    const embedder = registry.embedder('depth', { space: 'acme-depth-v1' });
    expectType<Equal<typeof embedder, EmbedderPart<'depth'>>>();
    expectType<Equal<Parameters<typeof embedder.embed>[0], readonly DepthMap[]>>();
    const tokenizer = registry.tokenizer('depth');
    expectType<Equal<typeof tokenizer, TokenizerPart<'depth'>>>();

    expect(embedder).toBe(depth.parts[1]);
    expect(tokenizer).toBe(depth.parts[0]);
    expect(Array.from((await embedder.embed([ramp])).vectors.data)).toEqual([3.75, 7.5]);
    expect((await tokenizer.encode([flat])).grid).toEqual([1, 2, 2]);
    // @ts-expect-error a string is no depth map
    await expect(embedder.embed(['far'])).rejects.toMatchObject({ code: 'DEPTH_SIZE' });
  });

  test('appears in the description and in the ways', () => {
    const registry = createRegistry([depth]);
    expect(registry.describe().modalities).toEqual(['depth']);
    expect(registry.route({ from: 'depth', to: 'depth' }).map((route) => route.summary)).toEqual([
      'depth → [@acme/depth embedder] → space acme-depth-v1 → [search, @acme/depth embedder] → depth',
    ]);
    expect(() => registry.embedder('image')).toThrow(RegistryError);
  });
});
