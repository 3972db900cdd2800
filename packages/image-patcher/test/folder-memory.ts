import { imageProcessor } from '../src/index.js';
import { readImages } from '../src/node.js';

/**
 * Run as a process of its own, with a folder of pictures and after how many of them to measure: reads and preprocesses all, and prints for each
 * measurement the bytes decoded so far, and the memory in use after a collection of garbage, by the process and by JavaScript's own account.
 */
const processor = imageProcessor({ image_processor_type: 'CLIPImageProcessor', size: { shortest_edge: 32 }, crop_size: 32 });
const marks = process.argv[3]!.split(',').map(Number);
const measurements: { decoded: number; resident: number; own: number }[] = [];
let count = 0;
let decoded = 0;
for await (const { image } of readImages(process.argv[2]!)) {
  processor(image);
  count++;
  decoded += image.data.length;
  if (!marks.includes(count)) continue;
  globalThis.gc!();
  const { rss, heapUsed, external } = process.memoryUsage();
  measurements.push({ decoded, resident: rss, own: heapUsed + external });
}
console.log(JSON.stringify({ count, measurements }));
