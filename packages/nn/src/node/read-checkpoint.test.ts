import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { TensorLike } from '@polymodal/modality-registry';
import { allSpelled, goldenFile, goldens } from '../formats/goldens.js';
import { parseShardIndex } from '../formats/shard-index.js';
import { serializeSafetensors } from '../safetensors.js';
import { readCheckpoint } from './read-checkpoint.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'polymodal-read-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const write = (name: string, content: Uint8Array | string): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};
const tensor = (...values: number[]): TensorLike => ({ type: 'float32', dims: [values.length], data: Float32Array.from(values) });
const file = (names: Record<string, TensorLike>) => serializeSafetensors(new Map(Object.entries(names)), { format: 'pt' });
const index = (files: Record<string, string>) => JSON.stringify({ metadata: { total_size: 8 }, weight_map: files });
const refusal = (code: string, says: string | RegExp) => expect.objectContaining({ code, message: expect.stringMatching(says) });

describe('readCheckpoint', () => {
  test('knows every format by its content, whatever the file is called', async () => {
    const path = write('weights', file({ a: tensor(1) }));
    expect(await readCheckpoint(path)).toEqual({ format: 'safetensors', tensors: new Map([['a', tensor(1)]]), metadata: { format: 'pt' } });
    // Each tensor has memory of its own, where it is aligned.
    write('weights', file({ a: tensor(1), b: { type: 'uint8', dims: [1], data: Uint8Array.of(1) } }));
    for (const { data } of (await readCheckpoint(path)).tensors.values()) expect(data.buffer.byteLength).toBe(data.byteLength);
    write('weights', goldenFile('npy', 'f4'));
    expect(await readCheckpoint(path)).toMatchObject({ format: 'npy', tensors: { size: 1 } });
    for (const [format, kind, name] of [
      ['npz', 'npz', 'savez_compressed'],
      ['pytorch', 'pth', 'zip, every type'],
      ['pytorch', 'pth', 'legacy, every type'],
      ['pytorch', 'pth', 'legacy, protocol 1'],
      ['pytorch', 'pth', 'legacy, protocol 5'],
    ] as const) {
      write('weights', goldenFile(kind, name));
      const read = await readCheckpoint(path);
      expect(read.format).toBe(format);
      expect(allSpelled(read.tensors)).toEqual(goldens[kind].find((one) => one.name === name)!.tensors);
    }
    write('weights', goldenFile('pth', 'zip, a training checkpoint'));
    expect((await readCheckpoint(path, { path: ['state_dict'] })).tensors.has('conv.weight')).toBe(true);
  });

  test('takes what a folder of the hub has, whole or in several files, safetensors before pickles', async () => {
    await expect(readCheckpoint(folder)).rejects.toThrow(refusal('CHECKPOINT_FILE', /has none of model.safetensors/));
    write('pytorch_model.bin', goldenFile('pth', 'zip, one tensor'));
    expect([...(await readCheckpoint(folder)).tensors.keys()]).toEqual(['tensor']);
    write('one.safetensors', file({ a: tensor(1), b: tensor(2, 3) }));
    write('two.safetensors', file({ c: tensor(4) }));
    write('model.safetensors.index.json', index({ a: 'one.safetensors', c: 'two.safetensors', b: 'one.safetensors' }));
    const expected = new Map([
      ['a', tensor(1)],
      ['b', tensor(2, 3)],
      ['c', tensor(4)],
    ]);
    const read = await readCheckpoint(folder);
    expect(new Map([...read.tensors].sort())).toEqual(expected);
    expect(read).toMatchObject({ format: 'safetensors', metadata: { format: 'pt' } });
    expect(await readCheckpoint(join(folder, 'model.safetensors.index.json'))).toEqual(read);
    write('model.safetensors', file({ d: tensor(5) }));
    expect([...(await readCheckpoint(folder)).tensors.keys()]).toEqual(['d']);
  });

  test('says where an index and its files disagree', async () => {
    const path = write('model.safetensors.index.json', index({ a: 'one.safetensors', b: 'one.safetensors' }));
    await expect(readCheckpoint(path)).rejects.toThrow(refusal('CHECKPOINT_FILE', /one\.safetensors/));
    write('one.safetensors', file({ a: tensor(1) }));
    await expect(readCheckpoint(path)).rejects.toThrow(refusal('CHECKPOINT_MISSING', /one\.safetensors lacks "b"/));
    write('one.safetensors', file({ a: tensor(1), b: tensor(1), c: tensor(1) }));
    await expect(readCheckpoint(path)).rejects.toThrow(refusal('CHECKPOINT_UNEXPECTED', /one\.safetensors holds "c"/));
    write('one.safetensors', index({}));
    await expect(readCheckpoint(path)).rejects.toThrow(refusal('CHECKPOINT_FORMAT', /one\.safetensors is an index/));
    write('one.safetensors', 'not a file of weights');
    await expect(readCheckpoint(path)).rejects.toThrow(refusal('CHECKPOINT_FORMAT', /^.*one\.safetensors: /));
  });

  test('names the path of what it refuses', async () => {
    await expect(readCheckpoint(join(folder, 'none'))).rejects.toThrow(refusal('CHECKPOINT_FILE', /none could not be read/));
    for (const [content, code] of [
      ['', 'CHECKPOINT_FORMAT'],
      ['{}', 'CHECKPOINT_HEADER'],
      ['PK', 'CHECKPOINT_FORMAT'],
      ['weights', 'CHECKPOINT_FORMAT'],
    ] as const)
      await expect(readCheckpoint(write('weights', content))).rejects.toThrow(refusal(code, /weights: /));
    const cut = goldenFile('pth', 'zip, one tensor').subarray(0, 300);
    await expect(readCheckpoint(write('weights', cut))).rejects.toThrow(
      refusal('CHECKPOINT_ARCHIVE', /weights: The archive has no directory/),
    );
  });
});

describe('parseShardIndex', () => {
  const parse = (text: string) => () => parseShardIndex(new TextEncoder().encode(text));

  test('lists what each file holds', () => {
    expect(parse(index({ a: 'x.bin', b: 'y.bin', c: 'x.bin' }))()).toEqual(
      new Map([
        ['x.bin', ['a', 'c']],
        ['y.bin', ['b']],
      ]),
    );
  });

  test.each(['../x', '/x', 'a/b', 'a\\b', 'C:x', '..', '.', '', 'a\u0000'])('refuses the file %p', (name) => {
    expect(parse(index({ a: name }))).toThrow(refusal('CHECKPOINT_HEADER', /no file beside it/));
  });

  test.each([
    '',
    '[]',
    '{}',
    '{"weight_map":[]}',
    '{"weight_map":{"a":1}}',
    '{"weight_map":{"a":"x","a":"y"}}',
    `{"weight_map":${'['.repeat(1e5)}`,
  ])('refuses %.40s', (text) => {
    expect(parse(text)).toThrow(refusal('CHECKPOINT_HEADER', /./));
  });
});
