import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from '@jest/globals';
import { loadCheckpoint } from './checkpoint.js';

const scratch = mkdtempSync(join(tmpdir(), 'polymodal-resume-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const pathOf = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

interface Ending {
  readonly steps: readonly number[];
  readonly weights: string | undefined;
  readonly signal: string | null;
}

/** Runs the training in a process of its own, and kills it as soon as it has told of step `killAt`. */
function trainIn(folder: string, killAt = Number.POSITIVE_INFINITY): Promise<Ending> {
  const loader = pathOf('../../../../scripts/source-loader.mjs');
  const script = pathOf('../../test/train-loop.ts');
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--conditions=@polymodal/source', '--import', loader, script, folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    const steps = () => [...output.matchAll(/step (\d+)\n/g)].map(([, step]) => Number(step));
    child.stdout.on('data', (text: Buffer) => {
      output += text;
      if (steps().some((step) => step >= killAt)) child.kill('SIGKILL');
    });
    child.on('error', reject);
    child.on('close', (_, signal) => resolve({ steps: steps(), weights: /weights (\w+)/.exec(output)?.[1], signal }));
  });
}

test('a training that is killed twice ends with the weights of one that was not, bit for bit', async () => {
  const whole = await trainIn(join(scratch, 'whole'));
  expect(whole).toMatchObject({ signal: null, weights: expect.stringMatching(/^[0-9a-f]{64}$/) });
  expect(whole.steps).toHaveLength(60);

  const folder = join(scratch, 'killed');
  let resumeFrom = 0;
  for (const killAt of [10, 27]) {
    const { steps, weights, signal } = await trainIn(folder, killAt);
    expect({ signal, weights, first: steps[0] }).toEqual({ signal: 'SIGKILL', weights: undefined, first: resumeFrom + 1 });
    resumeFrom = (await loadCheckpoint(folder))!.step;
    expect(resumeFrom).toBeGreaterThanOrEqual(killAt - (killAt % 4));
    expect(resumeFrom).toBeLessThan(60);
  }
  const rest = await trainIn(folder);
  expect(rest.steps[0]).toBe(resumeFrom + 1);
  expect(rest.weights).toBe(whole.weights);
}, 240_000);
