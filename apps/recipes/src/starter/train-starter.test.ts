import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Backend, onnxBackend } from '@polymodal/autograd';
import { loadClip } from '@polymodal/clip/node';
import type { TrainEvent } from '@polymodal/nn';
import * as ort from 'onnxruntime-node';
import { loadConcepts } from '../emoji/index.js';
import { starterSettings } from './settings.js';
import { trainStarter } from './train-starter.js';
import { readTrainingRecord } from './training-record.js';

/** Noto's pictures are not there: a training that opened one would fail. */
const concepts = loadConcepts()
  .filter((_, i) => i % 55 === 0)
  .slice(0, 24)
  .map((concept) => ({ ...concept, files: { ...concept.files, noto: 'no-such-file.png' } }));
const settings = { ...starterSettings, steps: 8, concepts: 4, warmup: 2, vocabularySize: 700 };

let folder: string;
let backend: Backend;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'polymodal-starter-'));
  backend = onnxBackend(ort, { threads: 1 });
});
afterAll(async () => {
  await backend.dispose();
  rmSync(folder, { recursive: true, force: true });
});

async function run(name: string, signal?: AbortSignal, onEvent: (event: TrainEvent) => void = () => {}): Promise<TrainEvent[]> {
  const events: TrainEvent[] = [];
  await trainStarter({
    settings,
    concepts,
    backend,
    out: join(folder, name),
    runs: join(folder, `${name}-runs`),
    checkpointEvery: 3,
    ...(signal && { signal }),
    onEvent: (event) => {
      events.push(event);
      onEvent(event);
    },
  });
  return events;
}
const weightsOf = (name: string) => readFileSync(join(folder, name, 'model.safetensors'));

test('a training that was stopped goes on from its checkpoint and ends in the same bytes as one that was not', async () => {
  const whole = await run('whole');
  expect(whole.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  for (const { loss } of whole) expect(loss).toBeGreaterThan(0);

  const stop = new AbortController();
  const reason = new Error('stopped');
  const stopping = run('stopped', stop.signal, ({ step }) => {
    if (step === 5) stop.abort(reason);
  });
  await expect(stopping).rejects.toBe(reason);
  expect(existsSync(join(folder, 'stopped'))).toBe(false);

  const rest = await run('stopped');
  expect(rest).toEqual(whole.slice(3));
  expect(weightsOf('stopped').equals(weightsOf('whole'))).toBe(true);

  expect(await readTrainingRecord(join(folder, 'whole'))).toMatchObject({ settings, minutes: expect.any(Number) });
  expect(await readTrainingRecord(join(folder, 'stopped'))).toMatchObject({ settings, minutes: null });
}, 120_000);

test('what it wrote loads and embeds both languages', async () => {
  const space = await loadClip(join(folder, 'whole'), { backend });
  const { vectors } = await space.embedText(['a cat', '下雨天']);
  expect(vectors.dims).toEqual([2, 128]);
  expect(vectors.data.every(Number.isFinite)).toBe(true);
  await space.dispose();
});

test('the checkpoints of a run with other settings are refused', async () => {
  const other = { settings: { ...settings, seed: 8 }, concepts, backend, out: join(folder, 'other'), runs: join(folder, 'whole-runs') };
  await expect(trainStarter(other)).rejects.toMatchObject({ code: 'CHECKPOINT_STATE' });
});

test('a folder without a record of its training says so', async () => {
  await expect(readTrainingRecord(folder)).rejects.toMatchObject({
    code: 'TRAINING_RECORD',
    message: expect.stringContaining('train:starter'),
  });
});
