import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { TensorLike } from '@polymodal/modality-registry';
import { type Json, loadCheckpoint, saveCheckpoint } from './checkpoint.js';
import { checkpointFolder } from './checkpoint-folder.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'polymodal-checkpoint-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const tensors = (value: number): Map<string, TensorLike<'float32'>> =>
  new Map([['layer.weight', { type: 'float32', dims: [2, 3], data: new Float32Array(6).fill(value) }]]);
const save = (step: number, state: Json = { position: step }) => saveCheckpoint(folder, { step, tensors: tensors(step), state });
const fileOf = (step: number) => join(folder, `step-00000000${step}.safetensors`);
const files = () => readdirSync(folder).sort();

function flip(step: number, position: number): void {
  const bytes = readFileSync(fileOf(step));
  bytes[position < 0 ? bytes.length + position : position]! ^= 1;
  writeFileSync(fileOf(step), bytes);
}

describe('saveCheckpoint and loadCheckpoint', () => {
  test('give back step, tensors and state', async () => {
    const state = { position: 96, random: [1, 2 ** 31], config: 'a "quoted" text, "sha256":"0', nested: { ok: true, none: null } };
    await save(3, state);
    expect(await loadCheckpoint(folder)).toEqual({ step: 3, tensors: tensors(3), state, warnings: [] });
  });

  test('a folder without checkpoints, or none at all, gives undefined; saving makes it', async () => {
    expect(await loadCheckpoint(folder)).toBeUndefined();
    const deep = join(folder, 'a', 'b');
    expect(await loadCheckpoint(deep)).toBeUndefined();
    await saveCheckpoint(deep, { step: 0, tensors: new Map(), state: null });
    expect(await loadCheckpoint(deep)).toEqual({ step: 0, tensors: new Map(), state: null, warnings: [] });
  });

  test('the last two stay, and files of others are left alone', async () => {
    writeFileSync(join(folder, 'step-1.safetensors'), 'mine');
    for (const step of [1, 2, 3, 4]) await save(step);
    expect(files()).toEqual(['step-000000003.safetensors', 'step-000000004.safetensors', 'step-1.safetensors']);
  });

  test('the tensors are those of the moment of the call', async () => {
    const changing = tensors(1);
    const saved = saveCheckpoint(folder, { step: 1, tensors: changing, state: null });
    changing.get('layer.weight')!.data.fill(9);
    await saved;
    expect((await loadCheckpoint(folder))!.tensors).toEqual(tensors(1));
  });

  test('saving a step again replaces it', async () => {
    await save(1, 'first');
    await save(1, 'second');
    expect(await loadCheckpoint(folder)).toMatchObject({ state: 'second' });
  });

  test('one flipped bit anywhere in the newest falls back to the one before, and says so', async () => {
    await save(1);
    await save(2);
    const length = readFileSync(fileOf(2)).length;
    for (let position = 0; position < length; position++) {
      flip(2, position);
      const found = await loadCheckpoint(folder);
      if (found?.step !== 1 || !/^Step 2 was passed over\. .*step-000000002/.test(found.warnings.join()))
        throw new Error(`byte ${position} passed`);
      flip(2, position);
    }
    expect(await loadCheckpoint(folder)).toMatchObject({ step: 2, warnings: [] });
  });

  test('a truncated newest falls back too, and the next save clears it away', async () => {
    for (const step of [1, 2, 4]) await save(step);
    truncateSync(fileOf(4), 100);
    expect(await loadCheckpoint(folder)).toMatchObject({ step: 2, warnings: [expect.stringContaining('Step 4')] });
    await save(3);
    expect(files()).toEqual(['step-000000002.safetensors', 'step-000000003.safetensors']);
  });

  test('a damaged second does not count as one of the two: the good one before it stays', async () => {
    await save(1);
    await save(2);
    flip(2, -1);
    await save(3);
    expect(files()).toEqual(['step-000000001.safetensors', 'step-000000003.safetensors']);
  });

  test('all damaged is an error, not a run from the start', async () => {
    await save(1);
    flip(1, -1);
    await expect(loadCheckpoint(folder)).rejects.toMatchObject({
      code: 'CHECKPOINT_DAMAGED',
      message: expect.stringContaining('no good checkpoint'),
    });
  });

  test('a file under the name of another step is not taken for that step', async () => {
    await save(1);
    writeFileSync(fileOf(7), readFileSync(fileOf(1)));
    expect(await loadCheckpoint(folder)).toMatchObject({ step: 1, warnings: [expect.stringContaining('Step 7')] });
  });

  test('a run from the start does not overwrite a later one', async () => {
    await save(8);
    await expect(save(1)).rejects.toMatchObject({ code: 'CHECKPOINT_STEP', message: expect.stringContaining('later step 8') });
    expect(files()).toEqual(['step-000000008.safetensors']);
  });

  test('refuses what could not be read back', async () => {
    await expect(save(-1)).rejects.toMatchObject({ code: 'CHECKPOINT_STEP' });
    await expect(save(0.5)).rejects.toMatchObject({ code: 'CHECKPOINT_STEP' });
    await expect(save(1, { rate: Number.NaN })).rejects.toMatchObject({
      code: 'CHECKPOINT_STATE',
      message: expect.stringContaining('NaN at "rate"'),
    });
    const cycle: { self?: Json } = {};
    cycle.self = cycle as Json;
    await expect(save(1, cycle as Json)).rejects.toMatchObject({ code: 'CHECKPOINT_STATE' });
    expect(files()).toEqual([]);
  });

  test('a folder that cannot be made is an error, at once', async () => {
    writeFileSync(join(folder, 'file'), '');
    await expect(saveCheckpoint(join(folder, 'file', 'run'), { step: 1, tensors: new Map(), state: null })).rejects.toMatchObject({
      code: 'CHECKPOINT_WRITE',
    });
    await expect(loadCheckpoint(join(folder, 'file'))).rejects.toMatchObject({ code: 'CHECKPOINT_FILE' });
  });

  test('temporary files of killed runs go with the next save', async () => {
    writeFileSync(join(folder, `.step-000000001.safetensors.${2 ** 30}-0123456789ab.polymodal-tmp`), 'half');
    await save(2);
    expect(files()).toEqual(['step-000000002.safetensors']);
  });
});

describe('checkpointFolder', () => {
  test('keeps what train() saves', async () => {
    const store = checkpointFolder(folder, { config: { seed: 7, width: 64 } });
    expect(await store.load()).toBeUndefined();
    await store.save({ step: 5, tensors: tensors(5) });
    const again = checkpointFolder(folder, { config: { width: 64, seed: 7 } });
    expect(await again.load()).toEqual({ step: 5, tensors: tensors(5) });
  });

  test('hands warnings on', async () => {
    const heard: string[] = [];
    const store = checkpointFolder(folder, { onWarning: (warning) => heard.push(warning) });
    for (const step of [1, 2]) await store.save({ step, tensors: tensors(step) });
    flip(2, -1);
    expect(await store.load()).toMatchObject({ step: 1 });
    expect(heard).toEqual([expect.stringContaining('Step 2 was passed over')]);
  });

  test('refuses the folder of another run, and tensors that are not float32', async () => {
    await checkpointFolder(folder, { config: { seed: 7 } }).save({ step: 1, tensors: tensors(1) });
    await expect(checkpointFolder(folder, { config: { seed: 8 } }).load()).rejects.toMatchObject({ code: 'CHECKPOINT_STATE' });
    const other = join(folder, 'other');
    mkdirSync(other);
    await saveCheckpoint(other, {
      step: 1,
      tensors: new Map([['n', { type: 'int32', dims: [1], data: Int32Array.of(1) }]]),
      state: { config: null },
    });
    await expect(checkpointFolder(other).load()).rejects.toMatchObject({
      code: 'CHECKPOINT_DTYPE',
      message: expect.stringContaining('"n" is int32'),
    });
  });
});
