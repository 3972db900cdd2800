import { audioProcessor, kaldiFbank, kaldiFbankStream, kaldiMfcc } from '../src/index.js';
import { noise } from './noise.js';

const sampleRate = 16_000;
const audio = { data: noise(12_000, 5), sampleRate };
const other = { data: noise(7001, 6), sampleRate };

const types = ['Whisper', 'AST', 'Wav2Vec2', 'SpeechT5', 'SeamlessM4T', 'Speech2Text', 'Parakeet', 'Clap'];

export default [
  ...(['povey', 'hanning', 'hamming', 'blackman', 'rectangular'] as const).map((windowType) => ({
    name: `Kaldi's features, ${windowType}`,
    run: () => kaldiFbank(audio, { windowType, numMelBins: 80, useEnergy: true, snipEdges: windowType !== 'povey' }).data,
  })),
  { name: "Kaldi's cepstra, dithered and warped", run: () => kaldiMfcc(audio, { dither: 1e-3, seed: 4, vtlnWarp: 1.1 }).data },
  {
    name: "a stream of Kaldi's features",
    run() {
      const stream = kaldiFbankStream({ snipEdges: false });
      const parts = [0, 1, 2, 3].map((i) => stream.push(audio.data.subarray(i * 3000, i * 3000 + 3000)).data);
      return Float32Array.from([...parts, stream.end().data].flatMap((part) => [...part]));
    },
  },
  ...types.map((type) => ({
    name: `${type}'s front end`,
    run() {
      const processor = audioProcessor({ feature_extractor_type: `${type}FeatureExtractor`, ...(type === 'Clap' && { max_length_s: 1 }) });
      const inputs = processor.batch([audio, other].map(({ data }) => ({ data, sampleRate: processor.sampleRate })));
      return inputs[processor.inputName]!.data;
    },
  })),
];
