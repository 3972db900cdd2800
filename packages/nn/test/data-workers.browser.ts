import type { PolymodalError } from '@polymodal/modality-registry';
import { type DatasetWorker, dataLoader, serveDataset, workerDataset } from '../src/index.js';
import { augmented } from './augmented.js';

const inBrowser = 'location' in globalThis;
const name = 'examples';
const threads = inBrowser ? undefined : process.getBuiltinModule('node:worker_threads');

// The suite's own module is what its workers run: by their name they know what they are.
if ((threads ? threads.workerData : (globalThis as { name?: string }).name) === name)
  serveDataset({
    length: augmented.length,
    get(index, random) {
      if (index === 20) throw new RangeError('no file 20');
      return augmented.get(index, random);
    },
  });

/** Made by the suite, as where a bundler must see it; a worker of the suite's own folder. */
function start(): DatasetWorker {
  if (threads) return new threads.Worker(new URL(import.meta.url), { workerData: name });
  const Browser = (globalThis as unknown as { Worker: new (url: string, options: object) => DatasetWorker }).Worker;
  return new Browser(import.meta.url, { type: 'module', name });
}

export default [1, 2].flatMap((workers) => [
  {
    name: `batches from workers (${workers}) are those of this thread, and of Node`,
    async run() {
      const dataset = await workerDataset(start, { workers });
      const options = { batchSize: 4, shuffle: false, seed: 3 };
      const [there, here] = [dataLoader(dataset, options), dataLoader(augmented, options)];
      const batches = [];
      for (const step of [0, 1, 2, 3]) {
        const batch = await there(step);
        const same = JSON.stringify(Array.from(batch.x!.data, Number)) === JSON.stringify(Array.from((await here(step)).x!.data, Number));
        if (!same) throw new Error(`batch ${step} is another in a worker`);
        batches.push(batch);
      }
      const failed = await dataLoader(dataset, { ...options, batchSize: 21 })(0).catch((error: Error) => error);
      await dataset.release();
      const released = await there(8).catch((error: PolymodalError) => error);
      return [...batches, String(failed), (released as PolymodalError).code];
    },
  },
  {
    name: `workers (${workers}) whose module does not exist are an error`,
    async run() {
      const error: PolymodalError = await workerDataset(new URL('./nothing.js', import.meta.url), { workers }).catch((thrown) => thrown);
      return error.code;
    },
  },
]);
