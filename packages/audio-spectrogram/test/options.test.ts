import { describe, expect, test } from '@jest/globals';
import type { TensorLike } from '@polymodal/modality-registry';
import * as library from '../src/index.js';

/** What every public function does with options that are missing, null, or of names and words that it does not know. */

type Given = readonly unknown[];

// As a caller without types has it.
const front = library as unknown as Readonly<Record<string, (...given: Given) => unknown>>;
const data = Float32Array.from({ length: 4000 }, (_, i) => Math.sin(i / 9) / 2);
const audio = { data, sampleRate: 16_000 };
const tensor = (...dims: readonly number[]): TensorLike<'float32'> => {
  return { type: 'float32', dims, data: new Float32Array(dims.reduce((a, b) => a * b, 1)) };
};
const spectrum = library.stft(data, { fftLength: 64, hopLength: 16 });
const wav = library.encodeWav(audio);

/** The code of what is thrown, at once or by what is waited for or read. */
async function codeOf(work: () => unknown): Promise<string> {
  try {
    const result = await work();
    const blocks = result as Partial<AsyncIterable<unknown>> | undefined;
    if (blocks?.[Symbol.asyncIterator]) for await (const _ of blocks as AsyncIterable<unknown>);
  } catch (error) {
    if (error instanceof library.AudioError) return error.code;
    throw error;
  }
  return 'none';
}

/** Each function that takes options, with what comes before them. */
const before: Readonly<Record<string, Given>> = {
  specAugment: [],
  addNoise: [],
  randomTimeShift: [],
  kaldiFbank: [audio],
  kaldiMfcc: [audio],
  kaldiFbankStream: [],
  kaldiMfccStream: [],
  convolutionLength: [10],
  astPatchGrid: [],
  wav2vec2EncoderLength: [1000],
  kaldiFrames: [1000],
  stftFrames: [1000],
  melFilters: [],
  melFrequencies: [],
  fftFrequencies: [],
  spectrogramPatches: [tensor(20, 20)],
  spectrogramImage: [tensor(4, 5)],
  spectrogramSvg: [tensor(4, 5)],
  audioPlugin: [],
  resample: [audio, 8000],
  resampleStream: [16_000, 8000],
  resampleChunks: [[audio], 16_000, 8000],
  dct: [tensor(4, 5)],
  powerToDb: [tensor(4, 5)],
  amplitudeToDb: [tensor(4, 5)],
  melSpectrogram: [audio],
  logMel: [audio],
  mfcc: [audio],
  stft: [data],
  istft: [spectrum],
  joinFrames: [[tensor(4, 5)]],
  melSpectrogramStream: [],
  logMelStream: [],
  decodeWav: [wav],
  decodeWavChannels: [wav],
  encodeWav: [audio],
  readWav: [[wav]],
  readWavChannels: [[wav]],
  whisperStream: [],
  whisperFeatures: [audio],
  whisperLogMel: [audio],
  windowFunction: ['hann', 8],
};
/** Those that cannot do without. */
const required =
  `convolutionLength melFilters melFrequencies fftFrequencies spectrogramSvg logMel stft istft melSpectrogramStream logMelStream
  whisperStream`.split(/\s+/);
/** Streams whose options say the rate: that is what is missed first. */
const rated = ['melSpectrogramStream', 'whisperStream'];
/** Those that take none. */
const without =
  `augmentAudio randomGain enginePath resamplePath AudioError realFft convolutionStackLength conformerEncoderLength seamlessLength
  whisperEncoderLength whisperFrames hzToMel melToHz mixDown audioProcessorPlugin audioProcessor streamFrames wavInfo normalizeWhisper`.split(
    /\s+/,
  );

test('every function is here', () => {
  const functions = Object.entries(library).filter(([, value]) => typeof value === 'function');
  expect(functions.map(([name]) => name).sort()).toEqual([...Object.keys(before), ...without].sort());
});

describe.each(Object.entries(before))('%s', (name, given) => {
  const refused = rated.includes(name) ? 'AUDIO_SAMPLE_RATE' : 'AUDIO_OPTION';
  test.each([[null], ['fast'], [7]])('refuses %j in place of its options', async (options) => {
    expect(await codeOf(() => front[name]!(...given, options))).toBe(refused);
  });

  test(required.includes(name) ? 'refuses to guess them' : 'has a default for each of them', async () => {
    expect(await codeOf(() => front[name]!(...given))).toBe(required.includes(name) ? refused : 'none');
  });
});

const svg = { frameRate: 10, frequencies: [1, 2, 3, 4] };
const impossible: readonly (readonly [name: string, given: Given, code: string])[] = [
  ['augmentAudio', ['gain'], 'AUDIO_OPTION'],
  ['randomGain', [null], 'AUDIO_OPTION'],
  ['randomGain', [6], 'AUDIO_OPTION'],
  ['addNoise', [{ snr: null }], 'AUDIO_OPTION'],
  ['specAugment', [{ fill: 'median' }], 'AUDIO_OPTION'],
  ['specAugment', [{ freqMasks: 1 }], 'AUDIO_OPTION'],
  ['addNoise', [{ SNR: [1, 2] }], 'AUDIO_OPTION'],
  ['randomTimeShift', [{ samples: 3 }], 'AUDIO_OPTION'],
  ['spectrogramPatches', [tensor(20, 20), { patch_size: 8 }], 'AUDIO_OPTION'],
  ['spectrogramImage', [tensor(4, 5), { colours: [] }], 'AUDIO_OPTION'],
  ['spectrogramSvg', [tensor(4, 5), { ...svg, framerate: 5 }], 'AUDIO_OPTION'],
  ['audioPlugin', [{ patch: 8 }], 'AUDIO_OPTION'],
  ['encodeWav', [audio, { bits: 24 }], 'AUDIO_OPTION'],
  ['melSpectrogram', [audio, { n_mels: 40 }], 'AUDIO_OPTION'],
  ['hzToMel', [1000, 'HTK'], 'AUDIO_OPTION'],
  ['melFrequencies', [{ mels: 4, scale: 'HTK' }], 'AUDIO_OPTION'],
  ['stft', [data, { fftLength: 64, hopLength: 16, onesided: 'false' }], 'AUDIO_OPTION'],
  ['stft', [data, { fftLength: 0 }], 'AUDIO_FRAME'],
  ['realFft', [0], 'AUDIO_FRAME'],
  ['normalizeWhisper', [], 'AUDIO_SPECTROGRAM'],
  ['specAugment', [{ timeMasks: 2 ** 24 }], 'AUDIO_OPTION'],
  ['convolutionStackLength', [5], 'AUDIO_OPTION'],
  ['convolutionStackLength', [5, [null]], 'AUDIO_OPTION'],
  ['convolutionLength', ['5', { kernel: 1 }], 'AUDIO_LENGTH'],
  ['wav2vec2EncoderLength', [5, { conv_kernel: [1] }], 'AUDIO_OPTION'],
  ['whisperFrames', [null], 'AUDIO_LENGTH'],
  ['seamlessLength', [300, null], 'AUDIO_LENGTH'],
  ['stftFrames', [300, { fftLength: 0 }], 'AUDIO_FRAME'],
  ['stftFrames', [300, { hopLength: 0 }], 'AUDIO_FRAME'],
  ['stftFrames', [300, { center: 'false' }], 'AUDIO_OPTION'],
  ['kaldiFrames', [300, { frameShift: 0 }], 'AUDIO_FRAME'],
  ['kaldiFrames', [300, { snipEdges: 'no' }], 'AUDIO_OPTION'],
  ['spectrogramPatches', [tensor(20, 20), { patchSize: 0 }], 'AUDIO_OPTION'],
  ['spectrogramPatches', [tensor(2, 20, 20)], 'AUDIO_SPECTROGRAM'],
  ['spectrogramImage', [tensor(4, 5), { layout: 'CHW' }], 'AUDIO_OPTION'],
  ['spectrogramImage', [tensor(4, 5), { range: null }], 'AUDIO_OPTION'],
  ['spectrogramImage', [tensor(4, 5), { colors: null }], 'AUDIO_OPTION'],
  ['spectrogramSvg', [tensor(4, 5), { ...svg, width: 2 ** 50 }], 'AUDIO_OPTION'],
  ['spectrogramSvg', [tensor(4, 5), { ...svg, title: null }], 'AUDIO_OPTION'],
  ['audioPlugin', [{ processor: 'whisper' }], 'AUDIO_PROCESSOR_CONFIG'],
  ['audioProcessorPlugin', [], 'AUDIO_PROCESSOR_CONFIG'],
  ['audioProcessor', [], 'AUDIO_PROCESSOR_CONFIG'],
  ['audioProcessor', [{}], 'AUDIO_PROCESSOR_UNKNOWN'],
  ['decodeWav', [wav, { allowTruncated: 'no' }], 'AUDIO_OPTION'],
  ['decodeWav', [wav, { maxSamples: Number.NaN }], 'AUDIO_OPTION'],
  ['decodeWav', [wav, { channel: null }], 'AUDIO_CHANNELS'],
  ['readWav', [[wav], { blockFrames: '9' }], 'AUDIO_OPTION'],
  ['wavInfo', [], 'AUDIO_FILE'],
  ['encodeWav', [audio, { format: 'PCM16' }], 'AUDIO_OPTION'],
  ['encodeWav', [audio, { onWarning: 'x' }], 'AUDIO_OPTION'],
  ['mixDown', [], 'AUDIO_CHANNELS'],
];
const text = (given: Given) => JSON.stringify(given.at(-1))?.slice(0, 80);

test.each(impossible.map(([name, given, code]) => [name, text(given), given, code] as const))(
  '%s refuses what cannot be meant: %s',
  async (name, _, given, code) => expect(await codeOf(() => front[name]!(...given))).toBe(code),
);

test('the message says what was missing', () => {
  expect(() => front.spectrogramSvg!(tensor(4, 5))).toThrow('spectrogramSvg: options is undefined, but an object was expected.');
});

describe('bytes and samples that were transferred away', () => {
  const gone = <T extends Float32Array | Uint8Array>(array: T): T => {
    structuredClone(array.buffer, { transfer: [array.buffer as ArrayBuffer] });
    return array;
  };
  const sound = () => ({ data: gone(data.slice()), sampleRate: 16_000 });

  test.each<[string, string, () => Given]>([
    ['mixDown', 'AUDIO_SIGNAL', () => [[sound().data]]],
    ['encodeWav', 'AUDIO_SIGNAL', () => [sound()]],
    ['decodeWav', 'AUDIO_FILE', () => [gone(wav.slice())]],
    ['wavInfo', 'AUDIO_FILE', () => [gone(wav.slice()).buffer]],
    ['readWav', 'AUDIO_FILE', () => [[gone(wav.slice())]]],
    ['kaldiFbank', 'AUDIO_SIGNAL', () => [sound()]],
    ['melSpectrogram', 'AUDIO_SIGNAL', () => [sound()]],
    ['whisperFeatures', 'AUDIO_SIGNAL', () => [sound()]],
    ['whisperLogMel', 'AUDIO_SIGNAL', () => [sound()]],
    ['resample', 'AUDIO_SIGNAL', () => [sound(), 8000]],
  ])('%s: %s', async (name, code, given) => expect(await codeOf(() => front[name]!(...given()))).toBe(code));
});
