import { addNoise, augmentAudio, randomGain, randomTimeShift, specAugment } from '../src/index.js';

const sampleRate = 8000;
const audio = { data: Float32Array.from({ length: 4000 }, (_, i) => ((i * 37) % 101) / 101 - 0.5), sampleRate };
const spectrogram = { type: 'float32' as const, dims: [40, 100], data: audio.data };

export default [
  {
    name: 'a seed gives the same sound in every engine',
    run: () => augmentAudio(randomTimeShift(), randomGain(), addNoise())(audio, 42).data,
  },
  {
    name: 'a seed gives the same spectrogram in every engine',
    run: () => specAugment({ timeWarp: 10, frequencyWidth: 8, timeWidth: 20 })(spectrogram, 42).data,
  },
];
