import {
  amplitudeToDb,
  joinFrames,
  logMel,
  logMelStream,
  melFilters,
  melSpectrogram,
  mfcc,
  normalizeWhisper,
  streamFrames,
  torchaudioMel,
  whisperFeatures,
  whisperLogMel,
  whisperStream,
} from '../src/index.js';
import { noise } from './noise.js';

const sampleRate = 16_000;
const audio = { data: noise(20_000, 3), sampleRate };
const quiet = { onWarning: () => {} };

export default [
  ...(['slaney', 'htk', 'kaldi'] as const).flatMap((scale) =>
    (['librosa', 'torchaudio'] as const)
      .filter((convention) => scale !== 'kaldi' || convention === 'librosa')
      .map((convention) => ({
        name: `${convention}'s filters, ${scale}`,
        run: () => melFilters({ ...quiet, sampleRate, fftLength: 512, mels: 80, scale, convention }).data,
      })),
  ),
  ...([80, 128] as const).flatMap((mels) => [
    { name: `30 s of Whisper's features, ${mels}`, run: () => whisperFeatures(audio, { mels }).data },
    { name: `a whole sound's, ${mels}`, run: () => whisperLogMel(audio, { mels }).data },
  ]),
  {
    name: 'a mel spectrogram of an odd length',
    run: () => melSpectrogram(audio, { ...quiet, fftLength: 397, hopLength: 99, mels: 40 }).data,
  },
  { name: 'decibels', run: () => logMel(audio, { ...quiet, ...torchaudioMel, mels: 40, log: { scale: 'dB', reference: 'max' } }).data },
  { name: 'decibels of amplitudes', run: () => amplitudeToDb(melSpectrogram(audio, { power: 1, mels: 40 })).data },
  { name: 'cepstra', run: () => mfcc(audio, { mels: 64, lifter: 22 }).data },
  {
    name: "a stream is the whole, Whisper's",
    async run() {
      const chunks = Array.from({ length: 57 }, (_, i) => audio.data.subarray(i * 351, i * 351 + 351));
      const parts = [];
      for await (const part of streamFrames(whisperStream({ sampleRate, normalize: 'none' }), chunks)) parts.push(part);
      const { data } = normalizeWhisper(joinFrames(parts));
      const whole = whisperLogMel(audio).data;
      if (data.some((value, i) => value !== whole[i])) throw new Error('the stream differs from the whole');
      return data;
    },
  },
  {
    name: 'a stream that can be iterated over in no browser',
    async run() {
      const readable = new ReadableStream<Float32Array>({
        start(controller) {
          controller.enqueue(audio.data);
          controller.close();
        },
      });
      const parts = [];
      const stream = logMelStream({ sampleRate, fftLength: 400, hopLength: 160, mels: 40, log: { scale: 'ln', add: 1e-6 } });
      for await (const part of streamFrames(stream, { getReader: () => readable.getReader() })) parts.push(part);
      return joinFrames(parts).data;
    },
  },
];
