import { describe, expect, test } from '@jest/globals';
import type { Part, Plugin } from '@polymodal/modality-registry';
import { type CheckName, conformance } from '@polymodal/modality-registry/conformance';
import { parts } from './toy-plugin.js';

/** What the kit says of a part whose verb resolves to this, whatever it is given. */
async function messageOf(part: Part, check: CheckName): Promise<string> {
  const plugin: Plugin = { specificationVersion: 'v1', name: 'malformed', version: '1.0.0', parts: [part] };
  const samples = { text: ['a'], image: [{ data: new Uint8Array(12), width: 2, height: 2 }] };
  const { run } = conformance(plugin, { samples }).find((each) => each.check === check)!;
  return run().then(
    () => 'nothing',
    (error: Error) => error.message,
  );
}

const gives = (result: unknown) => async () => result as never;
const ids = { type: 'int32', dims: [2, 1], data: Int32Array.of(1, 2) } as const;

describe('a result of another form is named', () => {
  const { tokenizer, processor, embedder } = parts;

  test.each<readonly [string, CheckName, Part]>([
    ['encode resolved to null, but tokens are { ids } or { values }.', 'shapes', { ...tokenizer, encode: gives(null) }],
    ['tokens have either ids or values, but these have neither.', 'shapes', { ...tokenizer, encode: gives({}) }],
    ['tokens have either ids or values, but these have both.', 'shapes', { ...tokenizer, encode: gives({ ids, values: ids }) }],
    ['ids is [1, 2], but a tensor is { type, dims, data }.', 'shapes', { ...tokenizer, encode: gives({ ids: [1, 2] }) }],
    ['ids.dims is [2.5], but dims are integers from 0.', 'shapes', { ...tokenizer, encode: gives({ ids: { ...ids, dims: [2.5] } }) }],
    ['attentionMask holds 2, but it is 1', 'shapes', { ...tokenizer, encode: gives({ ids, attentionMask: ids }) }],
    ["ids.type is 'i32', which is no dtype", 'dtypes', { ...tokenizer, encode: gives({ ids: { ...ids, type: 'i32' } }) }],
    ["values.type is 'int32', but float32 or float16 was expected.", 'dtypes', { ...tokenizer, encode: gives({ values: ids }) }],
    [
      'states a vocabularySize of 129, but its tokens have no ids',
      'ids within the vocabulary',
      { ...tokenizer, encode: gives({ values: ids }) },
    ],
    ['offsets has 0 items for a batch of 1', 'offsets within bounds', { ...tokenizer, encode: gives({ ids, offsets: [] }) }],
    ['process resolved to { nothing }, but model inputs are named tensors', 'shapes', { ...processor, process: gives({}) }],
    ['embed resolved to undefined, but embeddings are { vectors, space }.', 'shapes', { ...embedder, embed: gives(undefined) }],
    ['vectors.dims is [2, 1], but [2, 3] was expected.', 'shapes', { ...embedder, embed: gives({ vectors: ids }) }],
    ["vectors.type is 'int32', but float32 was expected.", 'dtypes', { ...embedder, embed: gives({ vectors: ids }) }],
  ])('%s', async (message, check, part) => {
    expect(await messageOf(part, check)).toContain(message);
  });

  test('infinite half-precision values, by their bits', async () => {
    const encode = gives({ values: { type: 'float16', dims: [2, 1, 1], data: Uint16Array.of(0x3c00, 0x7c00) } });
    expect(await messageOf({ ...tokenizer, encode }, 'finite values')).toBe(
      'values.data[1] is the half-precision bits 0x7c00, but values are finite.',
    );
  });
});

test('offsets of a clip reach no further than its frames', async () => {
  const frames = [0, 1].map((shade) => ({ data: new Uint8Array(12).fill(shade), width: 2, height: 2 }));
  const reach = (end: number): Plugin => ({
    specificationVersion: 'v1',
    name: 'clips',
    version: '1.0.0',
    parts: [
      {
        kind: 'tokenizer',
        modality: 'video',
        encode: gives({
          ids: { ...ids, dims: [1, 2] },
          offsets: [
            [
              [0, 1],
              [1, end],
            ],
          ],
        }),
      },
    ],
  });
  const run = (plugin: Plugin) =>
    conformance(plugin, { samples: { video: [{ frames }] } })
      .find(({ check }) => check === 'offsets within bounds')!
      .run();
  await run(reach(2));
  await expect(run(reach(3))).rejects.toThrow('offsets[0] holds [1, 3], but 0 ≤ start ≤ end ≤ 2 was expected.');
});

test('sound offsets into audio end at its last sample', async () => {
  const encode = gives({
    ids: { ...ids, dims: [1, 2] },
    offsets: [
      [
        [0, 80],
        [80, 161],
      ],
    ],
  });
  const plugin: Plugin = {
    specificationVersion: 'v1',
    name: 'sounds',
    version: '1.0.0',
    parts: [{ kind: 'tokenizer', modality: 'audio', encode }],
  };
  const samples = { audio: [{ data: new Float32Array(160), sampleRate: 16_000 }] };
  const { run } = conformance(plugin, { samples }).find(({ check }) => check === 'offsets within bounds')!;
  await expect(run()).rejects.toThrow('end ≤ 160');
});
