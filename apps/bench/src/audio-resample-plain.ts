import { whiteNoise } from './audio-noise.js';
import { median, time } from './pair.js';

// A process of its own, in which WebAssembly is taken away before the package looks for it: node audio-resample-plain.js SECONDS FROM TO prints
// the median milliseconds of a resampling in TypeScript.
Reflect.deleteProperty(globalThis, 'WebAssembly');
const { resample, resamplePath } = await import('@polymodal/audio-spectrogram');
const [seconds, from, to] = process.argv.slice(2).map(Number) as [number, number, number];
const sound = whiteNoise(seconds, from);
const times: number[] = [];
for (let i = 0; i < 9; i++) times.push(await time(() => resample(sound, to)));
if (resamplePath() !== 'typescript') throw new Error('WebAssembly was found all the same');
process.stdout.write(String(median(times.slice(2))));
