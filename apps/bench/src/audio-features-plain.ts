import { throughStream } from './audio-features.js';
import { whiteNoise } from './audio-noise.js';
import { median, time } from './pair.js';

// A process of its own, in which WebAssembly is taken away before the package looks for it: prints the median milliseconds of both rows in
// TypeScript.
Reflect.deleteProperty(globalThis, 'WebAssembly');
const { enginePath, whisperFeatures, whisperStream } = await import('@polymodal/audio-spectrogram');

async function medianMs(work: () => unknown): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < 25; i++) times.push(await time(work));
  return median(times.slice(10));
}

const sound = whiteNoise(30, 16_000);
const whisper = await medianMs(() => whisperFeatures(sound));
const minute = whiteNoise(60, 16_000).data;
const stream = await medianMs(() => throughStream(whisperStream({ sampleRate: 16_000 }), minute));
if (enginePath() !== 'typescript') throw new Error('WebAssembly was found all the same');
process.stdout.write(JSON.stringify({ whisper, stream }));
