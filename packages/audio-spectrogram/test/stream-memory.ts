import { peakResidentBytes } from '../../../scripts/peak-memory.js';
import { whisperStream } from '../src/index.js';

/**
 * Run as a process of its own, with the samples of a chunk: streams an hour through Whisper's features, and prints how many frames came out and by
 * how many bytes the process grew beyond its input and the largest output of a chunk.
 */
const HOUR = 3600 * 16_000;
const size = Number(process.argv[2]);
const chunk = new Float32Array(size);
for (let i = 0; i < size; i++) chunk[i] = Math.sin(i / 9) / 2;
const stream = whisperStream({ sampleRate: 16_000 });
// What runs once is no part of the growth: modules, tables, the kernel.
const warm = whisperStream({ sampleRate: 16_000 });
for (let i = 0; i < 100; i++) warm.push(chunk.subarray(0, 320));
globalThis.gc!();
const before = process.memoryUsage.rss();
let [frames, output, peak] = [0, 0, before];
for (let sent = 0, pushed = 0; sent < HOUR; sent += size, pushed++) {
  const { dims, data } = stream.push(chunk.subarray(0, Math.min(size, HOUR - sent)));
  frames += dims[1]!;
  output = Math.max(output, data.byteLength);
  if (pushed % 500 === 0) peak = Math.max(peak, process.memoryUsage.rss());
}
frames += stream.end().dims[1]!;
// One large chunk peaks within the call, above all that was before it.
if (size === HOUR) peak = peakResidentBytes();
console.log(JSON.stringify({ frames, grown: peak - before - output }));
