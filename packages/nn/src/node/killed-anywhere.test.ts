import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import * as ort from 'onnxruntime-node';
import { bundle } from '../../test/bundle.js';
import { saves } from '../../test/saves.js';
import { loadCheckpoint } from './checkpoint.js';
import { readSafetensors } from './read-safetensors.js';

const scratch = mkdtempSync(join(tmpdir(), 'polymodal-killed-'));
let script = '';
beforeAll(() => {
  script = fileURLToPath(bundle('save-killed', scratch));
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Saves to a folder in a process of its own, and kills it at the given moment; says whether it came to its end. */
function save(what: string, folder: string, step: number, moment: number): boolean {
  const { stdout, stderr, signal } = spawnSync(process.execPath, [script, what, folder, String(step), String(moment)], {
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  if (signal !== 'SIGKILL') expect(stdout).toBe('saved');
  return signal !== 'SIGKILL';
}

/**
 * Saves to copies of a folder, and kills the process at every moment there is, one after the other. `check` says which step it found, and
 * sees that it is whole; the counts of what was found come back.
 */
async function killAtEveryMoment(what: string, before: string, step: number, check: (folder: string) => Promise<unknown>) {
  const found = new Map<unknown, number>();
  for (let moment = 0, done = false; !done; moment++) {
    const folder = join(scratch, `${what}-killed`);
    cpSync(before, folder, { recursive: true });
    done = save(what, folder, step, moment);
    const state = await check(folder);
    if (done) expect(state).toBe(step);
    found.set(state, (found.get(state) ?? 0) + 1);
    // What was left behind does not stand in the way of the next save, which clears it away.
    await saves[what]!(folder, step + 1);
    expect(await check(folder)).toBe(step + 1);
    expect(readdirSync(folder, { recursive: true }).filter((file) => String(file).endsWith('.polymodal-tmp'))).toEqual([]);
    rmSync(folder, { recursive: true });
  }
  return found;
}

const allAre = (data: ArrayLike<number | bigint>, value: number) => Array.from(data).every((x) => x === value);

test('a checkpoint that is killed at any moment leaves the last one or itself, whole', async () => {
  const before = join(scratch, 'checkpoints');
  for (const step of [1, 2]) await saves.checkpoint!(before, step);
  const found = await killAtEveryMoment('checkpoint', before, 3, async (folder) => {
    const { step, warnings, tensors } = (await loadCheckpoint(folder))!;
    expect(warnings).toEqual([]);
    expect(allAre(tensors.get('weight')!.data, step)).toBe(true);
    return step;
  });
  expect(found.get(2)).toBeGreaterThan(6); // before its rename
  expect(found.get(3)).toBeGreaterThan(4); // after it: while older ones are removed
  expect(found.size).toBe(2);
});

test('one that clears away a damaged later one is no exception', async () => {
  const before = join(scratch, 'damaged');
  for (const step of [1, 2]) await saves.checkpoint!(before, step);
  writeFileSync(join(before, 'step-000000009.safetensors'), readFileSync(join(before, 'step-000000002.safetensors')));
  const found = await killAtEveryMoment('checkpoint', before, 3, async (folder) => {
    const { step, tensors } = (await loadCheckpoint(folder))!;
    expect(allAre(tensors.get('weight')!.data, step)).toBe(true);
    return step;
  });
  expect([...found.keys()].sort()).toEqual([2, 3]);
});

test('the weights of the best evaluation are those of before or the new ones, whole', async () => {
  const before = join(scratch, 'best');
  await saves.best!(before, 1);
  const found = await killAtEveryMoment('best', before, 2, async (folder) => {
    const { tensors, metadata } = await readSafetensors(join(folder, 'best.safetensors'));
    expect(JSON.parse(metadata.results!)).toEqual({ loss: 1 / Number(metadata.step) });
    expect(allAre(tensors.get('weight')!.data, Number(metadata.step))).toBe(true);
    return Number(metadata.step);
  });
  expect([...found.keys()].sort()).toEqual([1, 2]);
});

test('a model in two files is that of before, the new one, or missing: its weights are never those of another', async () => {
  const before = join(scratch, 'model');
  await saves.model!(before, 1);
  const found = await killAtEveryMoment('model', before, 2, async (folder) => {
    const { tensors } = await readSafetensors(join(folder, 'model.safetensors'));
    const value = Number((tensors.get('weight')!.data as Float32Array)[0]);
    expect([...tensors.values()].every(({ data }) => allAre(data, value))).toBe(true);
    const model = join(folder, 'onnx/model.onnx');
    if (!existsSync(model)) return 'missing';
    const session = await ort.InferenceSession.create(model, { intraOpNumThreads: 1, interOpNumThreads: 1 });
    // The bias alone, and with it the weights beside it.
    const x = new ort.Tensor(
      'float32',
      Float32Array.from({ length: 128 }, (_, i) => (i === 64 ? 1 : 0)),
      [2, 64],
    );
    const { output } = await session.run({ x });
    await session.release();
    const data = output!.data as Float32Array;
    const own = data[0]!;
    expect(allAre(data.subarray(0, 16), own) && allAre(data.subarray(16), 2 * own)).toBe(true);
    return own;
  });
  expect([...found.keys()].sort()).toEqual([1, 2, 'missing']);
  expect(found.get(1)).toBeGreaterThan(20); // While files are written, the model of before is there.
});
