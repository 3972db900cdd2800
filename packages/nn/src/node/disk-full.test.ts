import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from '@jest/globals';
import { loadCheckpoint } from './checkpoint.js';

const scratch = mkdtempSync(join(tmpdir(), 'polymodal-full-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Files end at 200 KB: a write beyond it fails after a part, as on a disk that is full. */
const script = `
  const { checkpointFolder } = await import('${new URL('./checkpoint-folder.ts', import.meta.url)}');
  const store = checkpointFolder(process.argv[1]);
  const of = (count) => new Map([['w', { type: 'float32', dims: [count], data: new Float32Array(count).fill(1) }]]);
  await store.save({ step: 1, tensors: of(1000) });
  await store.saveBest({ step: 1, weights: of(1000), results: { loss: 1 } });
  for (const save of [() => store.save({ step: 2, tensors: of(100_000) }), () => store.saveBest({ step: 2, weights: of(100_000), results: {} })])
    console.log(await save().then(() => 'saved', (error) => error.code + ' ' + error.cause.code));`;

test('a disk that is full ends a save with an error, and leaves what was there', () => {
  const loader = fileURLToPath(new URL('../../../../scripts/source-loader.mjs', import.meta.url));
  const node = [process.execPath, '--conditions=@polymodal/source', '--import', loader, '--input-type=module', '-e', script, scratch];
  const { stdout, stderr } = spawnSync('bash', ['-c', 'trap "" XFSZ; ulimit -f 200; exec "$@"', 'bash', ...node], { encoding: 'utf8' });
  expect({ stdout, stderr }).toEqual({ stdout: 'CHECKPOINT_WRITE EFBIG\nCHECKPOINT_WRITE EFBIG\n', stderr: '' });
  expect(readdirSync(scratch).sort()).toEqual(['best.safetensors', 'step-000000001.safetensors']);
  return expect(loadCheckpoint(scratch)).resolves.toMatchObject({ step: 1, warnings: [] });
});
