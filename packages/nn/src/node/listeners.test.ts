import { spawn } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from '@jest/globals';
import { onnxBackend } from '@polymodal/autograd';
import * as ort from 'onnxruntime-node';
import { sine } from '../../test/problems.js';
import { sgd } from '../optimizer.js';
import { type TrainEvent, type TrainListener, train } from '../train.js';
import { lossCurve, sparkline } from './loss-curve.js';
import { metricsFile } from './metrics-file.js';
import { terminalView } from './terminal-view.js';

const scratch = mkdtempSync(join(tmpdir(), 'polymodal-listeners-'));
const backend = onnxBackend(ort, { threads: 1 });
afterAll(async () => {
  await backend.dispose();
  rmSync(scratch, { recursive: true, force: true });
});

const event = (step: number): TrainEvent => ({ step, steps: 9, loss: 1 / step, metrics: {} });
const linesOf = (path: string) =>
  readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as TrainEvent);
const runWith = (listeners: readonly TrainListener[]) => {
  const problem = sine();
  return train(problem.model, { ...problem, backend, steps: 5, seed: 1, optimizer: sgd({ learningRate: 0.1 }), listeners });
};

describe('metricsFile', () => {
  test('holds a line for every event, in a folder that is made for it', async () => {
    const path = join(scratch, 'a', 'b', 'metrics.jsonl');
    const problem = sine();
    const run = train(problem.model, {
      ...problem,
      backend,
      steps: 5,
      seed: 1,
      optimizer: sgd({ learningRate: 0.1 }),
      evaluation: { data: problem.data, batches: 1, every: 2 },
      listeners: [metricsFile(path)],
    });
    const events: TrainEvent[] = [];
    for await (const one of run) {
      events.push(one);
      expect(linesOf(path)).toHaveLength(events.length);
    }
    await run.release();
    const now = Date.now();
    expect(linesOf(path)).toEqual(events.map((one) => ({ ...one, time: expect.any(Number) })));
    for (const { time } of linesOf(path) as unknown as { time: number }[]) expect(Math.abs(now - time)).toBeLessThan(600_000);
  });

  test('goes on after a kill: a half line goes, whole ones stay', async () => {
    const path = join(scratch, 'killed.jsonl');
    const first = metricsFile(path);
    for (const step of [1, 2, 3]) await first.event(event(step));
    await first.end?.();
    appendFileSync(path, '{"step":4,"ste');
    const second = metricsFile(path);
    for (const step of [3, 4]) await second.event(event(step));
    await second.end?.();
    await second.event(event(5)); // The loop was left, and goes on.
    await second.end?.();
    expect(linesOf(path).map(({ step }) => step)).toEqual([1, 2, 3, 3, 4, 5]);
  });

  test('a process that is killed leaves every line that it told of', async () => {
    const path = join(scratch, 'process.jsonl');
    const script = `const { metricsFile } = await import('${new URL('./metrics-file.ts', import.meta.url)}');
      const file = metricsFile(${JSON.stringify(path)});
      for (let step = 1; ; step++) { await file.event({ step, steps: 1e9, loss: 1, metrics: {} }); process.stdout.write(step + '\\n'); }`;
    const loader = fileURLToPath(new URL('../../../../scripts/source-loader.mjs', import.meta.url));
    const child = spawn(process.execPath, ['--conditions=@polymodal/source', '--import', loader, '--input-type=module', '-e', script]);
    let output = '';
    child.stdout.on('data', (text: Buffer) => {
      output += text;
      if (output.split('\n').length > 50) child.kill('SIGKILL');
    });
    expect(await new Promise((resolve) => child.on('close', (_, signal) => resolve(signal)))).toBe('SIGKILL');
    const told = output.split('\n').length - 1;
    expect(told).toBeGreaterThanOrEqual(50);
    const again = metricsFile(path);
    await again.event(event(7));
    await again.end?.();
    const steps = linesOf(path).map(({ step }) => step);
    expect(steps.at(-1)).toBe(7);
    expect(steps.slice(0, -1)).toEqual(Array.from({ length: steps.length - 1 }, (_, i) => i + 1));
    expect(steps.length - 1).toBeGreaterThanOrEqual(told);
  });

  test.each([
    ['a file of something else', 'weights of a year'],
    ['one whose last line is something else', '{"step":1}\nmine'],
  ])('refuses %s, and leaves it as it is', async (_, text) => {
    const path = join(scratch, 'other');
    writeFileSync(path, text);
    await expect(metricsFile(path).event(event(1))).rejects.toMatchObject({ code: 'CHECKPOINT_WRITE' });
    expect(readFileSync(path, 'utf8')).toBe(text);
  });

  test('a place that cannot be written ends the run with an error that names it', async () => {
    mkdirSync(join(scratch, 'folder'));
    const run = runWith([metricsFile(join(scratch, 'folder'))]);
    const loop = async () => {
      for await (const _ of run);
    };
    await expect(loop()).rejects.toMatchObject({ code: 'CHECKPOINT_WRITE', message: expect.stringContaining(join(scratch, 'folder')) });
    await run.release();
  });
});

describe('terminalView', () => {
  const shown = async (isTTY: boolean) => {
    const stream = Object.assign(new PassThrough(), {
      isTTY,
      columns: 120,
      rows: 30,
      cursorTo: () => true,
      clearLine: () => true,
      moveCursor: () => true,
    });
    let text = '';
    stream.on('data', (chunk: Buffer) => {
      text += chunk;
    });
    const run = runWith([terminalView({ stream: stream as unknown as NodeJS.WriteStream })]);
    for await (const _ of run);
    await run.release();
    return text;
  };

  test('shows a bar, the loss and its curve in a terminal', async () => {
    const text = await shown(true);
    expect(text).toMatch(/█+░* 5\/5 loss \d\.\d+ [▁▂▃▄▅▆▇█]{5} 0s left/);
  });

  test('writes nothing elsewhere', async () => {
    expect(await shown(false)).toBe('');
  });
});

describe('the loss curve', () => {
  test('maps the lowest and the highest to the first and the last block', () => {
    expect(sparkline([0, 1, 2, 3, 4, 5, 6, 7])).toBe('▁▂▃▄▅▆▇█');
    expect(sparkline([5, 5])).toBe('▁▁');
    expect(sparkline([])).toBe('');
  });

  test('covers a run of any length within its width', () => {
    const curve = lossCurve(8);
    for (let i = 0; i < 10_000; i++) {
      curve.add(i);
      expect(curve.text().length).toBeLessThanOrEqual(8);
    }
    // A straight line stays one: 10,000 values in means of 2,048 or fewer per character.
    expect([...curve.text()].every((block, i, all) => i === 0 || block > all[i - 1]!)).toBe(true);
    expect(curve.text().length).toBeGreaterThanOrEqual(4);
  });
});
