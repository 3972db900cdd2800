/** What a worker serves in tests; they build this and start it. */
import { parentPort, workerData } from 'node:worker_threads';
import { serveDataset } from '../src/serve-dataset.js';
import { augmented } from './augmented.js';
import { float32 } from './problems.js';

const scalar = (index: number) => ({ x: float32([], [index]) });
const table = new Float32Array(64).map((_, i) => i);
const kept = { x: float32([2], [1, 2]), again: float32([0], []) };
const file = Buffer.from(new Uint8Array(64).map((_, i) => i).buffer);

const datasets: Record<string, () => void> = {
  augmented: () => serveDataset(augmented),
  'of another length': () => serveDataset(workerData.place === 0 ? [] : [scalar(0)]),
  'with a broken example': () =>
    serveDataset({
      length: 6,
      get: async function readExample(index) {
        if (index === 3) throw new RangeError(`no file ${index}`);
        return scalar(index);
      },
    }),
  'with uneven examples': () => serveDataset({ length: 6, get: (index) => ({ x: float32([index], new Float32Array(index)) }) }),
  'that cannot be sent': () => serveDataset([1, 2], { collate: () => ({ x: { ...scalar(0).x, type: (() => 1) as never } }) }),
  'of views': () =>
    serveDataset([0, 1, 2, 3], {
      collate: ([row]) => ({ x: float32([16], table.subarray(16 * row!, 16 * row! + 16)) }),
    }),
  'of parts of a file': () =>
    serveDataset([0, 1, 2, 3], {
      collate: ([row]) => ({ x: { type: 'uint8', dims: [16], data: file.subarray(16 * row!, 16 * row! + 16) } }),
    }),
  'that says more than batches': () => {
    const say = () => ['loading', null, [1, 2], { length: 9 }, { id: 0, batch: {} }].map((message) => parentPort!.postMessage(message));
    say();
    serveDataset({ length: 3, get: (index) => say() && scalar(index) });
  },
  'whose batches are the same tensors': () => serveDataset([0, 1], { collate: () => kept }),
  'that is still to come': () => serveDataset(Promise.resolve([1]) as never),
  'that ends its worker': () => serveDataset({ length: 6, get: (index) => (index === 3 ? process.exit(7) : scalar(index)) }),
  'that takes all memory': () =>
    serveDataset({
      length: 6,
      get(index) {
        for (const all: unknown[] = []; index === 3; ) all.push(new Array(1000).fill(all.length));
        return scalar(index);
      },
    }),
  'that never ends': () =>
    serveDataset({
      length: 6,
      get(index) {
        while (index === 3);
        return scalar(index);
      },
    }),
  'that is not served': () => {},
  'that cannot be made': () => {
    throw new Error('no folder of pictures');
  },
};
datasets[(workerData as { readonly kind: string } | null)?.kind ?? 'augmented']!();
