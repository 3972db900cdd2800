import { spawn } from 'node:child_process';
import { type FSWatcher, mkdtempSync, readdirSync, rmSync, watch } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createRandom } from '@polymodal/autograd';
import { bundle } from '../../test/bundle.js';
import { loadCheckpoint, saveCheckpoint } from './checkpoint.js';

const scratch = mkdtempSync(join(tmpdir(), 'polymodal-kill-'));
const folder = join(scratch, 'run');
let loop = '';
beforeAll(() => {
  loop = fileURLToPath(bundle('save-loop', scratch));
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/**
 * Runs the loop and kills it some time after its first save, or at the moment when a temporary file appears; says what it resumed from and
 * the last step it reported as saved.
 */
function runAndKill(when: number | 'writing'): Promise<{ resumed: number; saved: number; signal: string | null }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [loop, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    let watcher: FSWatcher | undefined;
    const kill = () => child.kill('SIGKILL');
    child.stdout.on('data', (text: Buffer) => {
      const first = !output.includes('saved');
      output += text;
      if (!first || !output.includes('saved')) return;
      if (when === 'writing') watcher = watch(folder, (_, file) => file?.endsWith('.polymodal-tmp') && kill());
      else setTimeout(kill, when);
    });
    child.on('error', reject);
    child.on('close', (_, signal) => {
      watcher?.close();
      const last = (word: string) => Number([...output.matchAll(new RegExp(`${word} (\\d+)\n`, 'g'))].at(-1)?.[1]);
      resolve({ resumed: last('resumed'), saved: last('saved'), signal });
    });
  });
}

const leftovers = () => readdirSync(folder).filter((file) => file.endsWith('.polymodal-tmp'));

describe('a run that is killed while it saves', () => {
  test('always resumes from a good checkpoint, not older than the last it reported', async () => {
    const random = createRandom(9);
    let previous = 0;
    let cutWhileWriting = 0;
    for (let round = 0; round < 12; round++) {
      const { resumed, saved, signal } = await runAndKill(round % 2 === 0 ? 'writing' : random.integer(60));
      expect(signal).toBe('SIGKILL');
      expect(resumed).toBe(previous);
      cutWhileWriting += leftovers().length;
      expect(leftovers().length).toBeLessThanOrEqual(1);

      const found = await loadCheckpoint(folder);
      const step = found!.step;
      expect([saved, saved + 1]).toContain(step);
      expect(found).toMatchObject({ state: { position: step * 32 }, warnings: [] });
      const weight = found!.tensors.get('weight')!;
      expect(weight.dims).toEqual([500, 1000]);
      expect((weight.data as Float32Array).every((x) => x === step)).toBe(true);
      previous = step;
    }
    expect(cutWhileWriting).toBeGreaterThan(0);

    const last = await loadCheckpoint(folder);
    await saveCheckpoint(folder, { ...last!, step: previous + 1 });
    expect(leftovers()).toEqual([]);
    expect(readdirSync(folder)).toHaveLength(2);
  });
});
