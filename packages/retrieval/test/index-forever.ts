import { setTimeout } from 'node:timers/promises';
import { openIndex } from '../src/node/index.js';
import { lettersPlugin, loadLetters } from './letters.js';

// Run as a process of its own, to be killed: indexes slowly, saving after every batch.
const [path, ...files] = process.argv.slice(2);
const space = lettersPlugin(() => setTimeout(30));
const index = await openIndex(path!, { space, load: loadLetters, batchSize: 2, checkpointSeconds: 0 });
await index.add(files, { onProgress: ({ done }) => console.log(done) });
