import { parseArgs } from 'node:util';
import { audioResample } from './audio-resample.js';
import { audioSpectrogram } from './audio-spectrogram.js';
import { compileW3 } from './compile-w3.js';
import { embedStarter } from './embed-starter.js';
import { generateBlocks } from './generate-blocks.js';
import { imageClip } from './image-clip.js';
import { inferW2 } from './infer-w2.js';
import { inferW2Int8 } from './infer-w2-int8.js';
import { memoryW3 } from './memory-w3.js';
import type { BenchResult, BenchRow } from './row.js';
import { searchFlat } from './search-flat.js';
import { table } from './table.js';
import { clipCaptions, clipCaptionsRust } from './text-captions.js';
import { cl100kChinese, cl100kEnglish } from './text-cl100k.js';
import { hostileInputs } from './text-hostile.js';
import { loadTokenizerJson } from './text-load.js';
import { trainW3 } from './train-w3.js';
import { trainW3EventLoop } from './train-w3-event-loop.js';
import { trainW4 } from './train-w4.js';
import { videoTubelets } from './video-tubelets.js';

const rows: readonly BenchRow[] = [
  trainW3,
  trainW3EventLoop,
  trainW4,
  inferW2,
  inferW2Int8,
  generateBlocks,
  compileW3,
  ...memoryW3,
  embedStarter,
  searchFlat,
  clipCaptions,
  clipCaptionsRust,
  cl100kEnglish,
  cl100kChinese,
  loadTokenizerJson,
  hostileInputs,
  ...imageClip,
  videoTubelets,
  ...audioSpectrogram,
  audioResample,
];

const { values } = parseArgs({ options: { json: { type: 'boolean', default: false }, only: { type: 'string' } } });
const wanted = new RegExp(values.only ?? '');
const chosen = rows.filter(({ name }) => wanted.test(name));
if (chosen.length === 0) {
  process.stderr.write(`no row matches --only ${values.only}; there are ${rows.map(({ name }) => name).join(', ')}\n`);
  process.exit(2);
}
const results: BenchResult[] = [];
for (const row of chosen) {
  process.stderr.write(`${row.name}: ${row.work}\n`);
  results.push({ name: row.name, work: row.work, ...(await row.measure()) });
}
process.stdout.write(values.json ? `${JSON.stringify(results, null, 2)}\n` : `${table(results)}\n`);
