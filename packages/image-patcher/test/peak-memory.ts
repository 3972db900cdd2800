import { peakResidentBytes } from '../../../scripts/peak-memory.js';
import { imageProcessor } from '../src/index.js';

/**
 * Run as a process of its own, with the channels of a decoded 4000×3000 picture and a `preprocessor_config.json`: prints the picture's bytes,
 * and how far the highest memory use of the process is above its use just before the picture was preprocessed, garbage collected.
 */
const channels = Number(process.argv[2]);
const processor = imageProcessor(JSON.parse(process.argv[3]!));
const picture = (width: number, height: number) => ({ data: new Uint8Array(width * height * channels).fill(90), width, height, channels });

// Code and tables are compiled and made before: they do not grow with the picture. What that leaves behind is no part of the peak.
for (let i = 0; i < 20; i++) {
  processor(picture(400, 300));
  globalThis.gc!();
}
const large = picture(4000, 3000);
globalThis.gc!();
const before = process.memoryUsage.rss();
processor(large);
console.log(JSON.stringify({ bytes: large.data.length, grown: peakResidentBytes() - before }));
