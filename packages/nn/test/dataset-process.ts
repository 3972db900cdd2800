/** Loads one batch in two workers, and forgets to release them: a test builds this, runs it, and sees that it ends. */
import { dataLoader } from '../src/data-loader.js';
import { workerDataset } from '../src/worker-dataset.js';

const loader = dataLoader(await workerDataset(new URL(process.argv[2]!)), { batchSize: 4, shuffle: false });
const { y } = await loader(1);
process.stdout.write(`${Array.from(y!.data, Number).join()}\n`);
