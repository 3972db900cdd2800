import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
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
  const { saveModel } = await import('${new URL('./save-model.ts', import.meta.url)}');
  const { linear } = await import('${new URL('../layers.ts', import.meta.url)}');
  const store = checkpointFolder(process.argv[1]);
  const of = (count) => new Map([['w', { type: 'float32', dims: [count], data: new Float32Array(count).fill(1) }]]);
  await store.save({ step: 1, tensors: of(1000) });
  await store.saveBest({ step: 1, weights: of(1000), results: { loss: 1 } });
  const model = (width) => {
    const layer = linear(width, 8);
    const weights = new Map([['weight', { type: 'float32', dims: [8, width], data: new Float32Array(8 * width).fill(1) }], ['bias', of(8).get('w')]]);
    const inputs = { x: { type: 'float32', dims: [1, width] } };
    return saveModel(process.argv[1] + '/model', layer, {
      weights, config: { width }, onnx: { inputs, forward: ({ x }) => layer(x), externalData: { location: 'model.onnx_data' } },
    });
  };
  await model(64);
  for (const save of [
    () => store.save({ step: 2, tensors: of(100_000) }),
    () => store.saveBest({ step: 2, weights: of(100_000), results: {} }),
    () => model(10_000),
  ])
    console.log(await save().then(() => 'saved', (error) => error.code + ' ' + error.cause.code));`;

test('a disk that is full ends a save with an error, and leaves what was there', () => {
  const loader = fileURLToPath(new URL('../../../../scripts/source-loader.mjs', import.meta.url));
  const node = [process.execPath, '--conditions=@polymodal/source', '--import', loader, '--input-type=module', '-e', script, scratch];
  const { stdout, stderr } = spawnSync('bash', ['-c', 'trap "" XFSZ; ulimit -f 200; exec "$@"', 'bash', ...node], { encoding: 'utf8' });
  expect({ stdout, stderr }).toEqual({ stdout: 'CHECKPOINT_WRITE EFBIG\n'.repeat(3), stderr: '' });
  expect(readdirSync(scratch).sort()).toEqual(['best.safetensors', 'model', 'step-000000001.safetensors']);
  const model = join(scratch, 'model');
  expect(readdirSync(join(model, 'onnx')).sort()).toEqual(['model.onnx', 'model.onnx_data']);
  expect(readdirSync(model).sort()).toEqual(['config.json', 'model.safetensors', 'onnx']);
  expect(JSON.parse(readFileSync(join(model, 'config.json'), 'utf8'))).toEqual({ width: 64 });
  return expect(loadCheckpoint(scratch)).resolves.toMatchObject({ step: 1, warnings: [] });
});
