import { describe, expect, test } from '@jest/globals';
import type { Audio, Warning } from '@polymodal/modality-registry';
import { largestDifference, signal } from '../../test/feature-goldens.js';
import { clip, goldens, sumsOf } from '../../test/processor-goldens.js';
import { kaldiFbank } from '../kaldi/features.js';
import { seamlessLength } from '../lengths/encoders.js';
import { whisperFeatures, whisperLogMel } from '../whisper/whisper.js';
import { audioProcessor } from './audio-processor.js';

const { abs } = Math;

const speech = clip(['jfk_0_3s', 9000, 12_345], 16_000);
const noise = clip(['noise_8000', 0, 8000], 16_000);

describe('Whisper', () => {
  const config = { feature_extractor_type: 'WhisperFeatureExtractor' };

  test('pads the clip, or takes the whole file, which differ', () => {
    const processor = audioProcessor(config);
    const long = {
      data: Float32Array.from({ length: 496_000 }, (_, i) => Math.sin(i / 9) * (i < 480_000 ? 0.01 : 0.9)),
      sampleRate: 16_000,
    };
    const padded = processor(long).input_features!;
    const whole = processor(long, { truncation: false, padding: 'longest' }).input_features!;
    expect(padded.dims).toEqual([1, 80, 3000]);
    expect(whole.dims).toEqual([1, 80, 3100]);
    expect(largestDifference(padded.data as Float32Array, whisperFeatures(long).data)).toBe(0);
    expect(largestDifference(whole.data as Float32Array, whisperLogMel(long).data)).toBe(0);
    // The loudest value of all decides what counts as silence, here in the highest band.
    expect(abs(Number(padded.data[79 * 3000 + 10]) - Number(whole.data[79 * 3100 + 10]))).toBeGreaterThan(0.5);
    expect(processor.outputDims).toEqual([80, 3000]);
  });

  test('normalised samples raise no warning', () => {
    const heard: Warning[] = [];
    audioProcessor({ ...config, chunk_length: 1 })(noise, { normalize: true, onWarning: (warning) => heard.push(warning) });
    expect(heard).toEqual([]);
  });
});

describe('CLAP draws by seed', () => {
  const short = { feature_extractor_type: 'ClapFeatureExtractor', max_length_s: 1, hop_length: 4800 };
  const long = { data: signal('jfk_0_3s').map((x, i) => x + i / 1e6), sampleRate: 48_000 };
  const grown = { data: Float32Array.from({ length: 48_003 }, (_, i) => long.data[i % 48_000]! + 0.1 * Math.sin(i)), sampleRate: 48_000 };

  test('one of the possible cuts', () => {
    const processor = audioProcessor({ ...short, truncation: 'rand_trunc' });
    const cuts = [0, 1, 2, 3].map((start) => processor({ data: grown.data.subarray(start, start + 48_000), sampleRate: 48_000 }));
    const drawn = Array.from({ length: 12 }, (_, seed) => processor(grown, { seed }));
    const places = drawn.map((inputs) =>
      cuts.findIndex(
        ({ input_features: cut }) => largestDifference(cut!.data as Float32Array, inputs.input_features!.data as Float32Array) === 0,
      ),
    );
    expect(new Set(places)).toEqual(new Set([0, 1, 2, 3]));
    expect(drawn[0]!.is_longer).toEqual({ type: 'bool', dims: [1, 1], data: Uint8Array.of(1) });
    expect(processor(grown, { seed: 3 })).toEqual(drawn[3]);
  });

  test('a cut of each third of a longer sound', () => {
    const processor = audioProcessor({ ...short, sampling_rate: 16_000, hop_length: 1600, max_length_s: 1 });
    const sound = { data: long.data, sampleRate: 16_000 };
    // 31 frames, views of 11: cuts begin at 0 … 20.
    const whole = processor(sound, { maxLength: 48_000 }).input_features!.data as Float32Array;
    for (let seed = 0; seed < 5; seed++) {
      const { dims, data } = processor(sound, { seed }).input_features!;
      expect(dims).toEqual([1, 4, 11, 64]);
      for (let third = 0; third < 3; third++) {
        const cut = (data as Float32Array).subarray((third + 1) * 704, (third + 2) * 704);
        const places = Array.from({ length: 21 }, (_, at) => largestDifference(whole.subarray(at * 64, at * 64 + 704), cut));
        expect(Math.floor(places.indexOf(0) / 7)).toBe(third);
      }
    }
  });

  test('a sound longer by less than a hop is seen four times whole', () => {
    const { input_features: features } = audioProcessor({ ...short, truncation: 'fusion' })(grown);
    const views = [0, 1, 2, 3].map((i) => (features!.data as Float32Array).subarray(i * 704, (i + 1) * 704));
    expect(features!.dims).toEqual([1, 4, 11, 64]);
    for (const one of views) expect(largestDifference(one, views[0]!)).toBe(0);
  });

  test('a sound of a batch has the cut that its place gives, and one of a fused batch counts as longer', () => {
    const processor = audioProcessor({ ...short, truncation: 'fusion' });
    const quiet = { data: long.data.subarray(0, 1000), sampleRate: 48_000 };
    for (let seed = 0; seed < 4; seed++)
      expect(sumsOf(processor.batch([quiet, quiet, quiet], { seed }).is_longer!).reduce((a, b) => a + b)).toBe(1);
  });
});

describe('shapes and batches', () => {
  const types = goldens.map(({ config }) => config);

  test('a batch is its sounds one below another, where they are of one length', () => {
    for (const config of types) {
      const processor = audioProcessor({ ...config, ...('max_length_s' in config && { max_length_s: 1 }) });
      const [one, other] = [speech, { ...noise, data: speech.data.slice().reverse() }].map(({ data }) => ({
        data,
        sampleRate: processor.sampleRate,
      }));
      const batch = processor.batch([one!, other!])[processor.inputName]!;
      const alone = processor(other!)[processor.inputName]!;
      expect(batch.dims).toEqual([2, ...alone.dims.slice(1)]);
      expect(largestDifference((batch.data as Float32Array).subarray(alone.data.length), alone.data as Float32Array)).toBe(0);
      expect(alone.dims.slice(1).every((dim, i) => [0, dim].includes(processor.outputDims[i]!))).toBe(true);
    }
  });

  test('a batch of none is empty', () => {
    for (const config of types) {
      const processor = audioProcessor(config);
      const { dims, data } = processor.batch([])[processor.inputName]!;
      expect(dims).toEqual([0, ...processor.outputDims]);
      expect(data).toHaveLength(0);
    }
  });

  test('sounds stay as they are', () => {
    const copy = speech.data.slice();
    for (const config of types) {
      const processor = audioProcessor({ ...config, ...('max_length_s' in config && { max_length_s: 1 }) });
      processor({ data: speech.data, sampleRate: processor.sampleRate });
    }
    expect(largestDifference(speech.data, copy)).toBe(0);
  });

  test('Seamless has the length that seamlessLength says', () => {
    const processor = audioProcessor({ feature_extractor_type: 'SeamlessM4TFeatureExtractor' });
    for (const length of [560, 720, 5000, 5161]) {
      expect(processor({ ...speech, data: speech.data.subarray(0, length) }).input_features!.dims[1]).toBe(seamlessLength(length));
    }
  });

  test('WeNet: Kaldi’s features of 16-bit integers', () => {
    const { dims, data } = audioProcessor({ feature_extractor_type: 'wenet-e2e/wenet' })(noise).input_features!;
    const expected = kaldiFbank(noise, { numMelBins: 80, scale: 32_768 });
    expect(dims).toEqual([1, ...expected.dims]);
    expect(largestDifference(data as Float32Array, expected.data)).toBe(0);
  });

  test('silence has features', () => {
    const silence = { data: new Float32Array(8000), sampleRate: 16_000 };
    for (const type of [
      'SeamlessM4TFeatureExtractor',
      'Speech2TextFeatureExtractor',
      'ParakeetFeatureExtractor',
      'Wav2Vec2FeatureExtractor',
    ]) {
      const processor = audioProcessor({ feature_extractor_type: type });
      expect((processor(silence)[processor.inputName]!.data as Float32Array).every((x) => x === 0)).toBe(true);
    }
  });
});

describe('bad configurations', () => {
  test('an unknown type lists what is known', () => {
    expect(() => audioProcessor({ feature_extractor_type: 'EncodecFeatureExtractor' })).toThrow(
      /feature_extractor_type is "EncodecFeatureExtractor", but one of WhisperFeatureExtractor, .*wenet/,
    );
    for (const type of [undefined, 'constructor', '__proto__', 3]) {
      expect(() => audioProcessor({ feature_extractor_type: type as never })).toThrow(
        expect.objectContaining({ code: 'AUDIO_PROCESSOR_UNKNOWN' }),
      );
    }
  });

  test.each([null, [], 'WhisperFeatureExtractor'])('%p in place of the configuration is refused', (config) => {
    expect(() => audioProcessor(config as never)).toThrow(expect.objectContaining({ code: 'AUDIO_PROCESSOR_CONFIG' }));
  });

  test.each<[string, object]>([
    ['Whisper', { feature_size: 64 }],
    ['Whisper', { n_fft: 512 }],
    ['Whisper', { sampling_rate: 8000 }],
    ['Whisper', { chunk_length: 0 }],
    ['Whisper', { chunk_length: '30' }],
    ['Whisper', { padding_side: 'left' }],
    ['Whisper', { return_attention_mask: 1 }],
    ['AST', { mean: 'x' }],
    ['AST', { mean: 1e300 }],
    ['AST', { std: 0 }],
    ['AST', { max_length: 0.5 }],
    ['AST', { do_normalize: 'yes' }],
    ['Wav2Vec2', { padding_value: Number.NaN }],
    ['Wav2Vec2', { feature_size: 2 }],
    ['SeamlessM4T', { stride: 0 }],
    ['Clap', { truncation: 'middle' }],
    ['Clap', { padding: 'max' }],
    ['Clap', { feature_size: 80 }],
    ['Parakeet', { hop_length: -1 }],
  ])('%s with %j is refused', (type, fields) => {
    const config = { feature_extractor_type: `${type}FeatureExtractor`, ...fields };
    expect(() => audioProcessor(config)).toThrow(expect.objectContaining({ code: 'AUDIO_PROCESSOR_CONFIG' }));
  });

  test('fields that are null take their defaults', () => {
    expect(audioProcessor({ feature_extractor_type: 'WhisperFeatureExtractor', feature_size: null }).outputDims).toEqual([80, 3000]);
  });
});

describe('bad calls', () => {
  const wav2vec2 = audioProcessor({ feature_extractor_type: 'Wav2Vec2FeatureExtractor' });

  test('another rate names resample', () => {
    expect(() => wav2vec2({ ...speech, sampleRate: 44_100 })).toThrow(
      /has 44100 Hz, but the model expects 16000 Hz. Call resample\(audio, 16000\)/,
    );
    expect(() => wav2vec2(speech.data as never)).toThrow(expect.objectContaining({ code: 'AUDIO_SAMPLE_RATE' }));
  });

  test.each<[string, string, readonly unknown[], object]>([
    ['no signal', 'AUDIO_SIGNAL', [undefined], {}],
    ['NaN', 'AUDIO_NOT_FINITE', [{ data: Float32Array.of(Number.NaN), sampleRate: 16_000 }], {}],
    ['two lengths that are not padded', 'AUDIO_BATCH', [speech, noise], { padding: false }],
    ['two lengths beyond the longest', 'AUDIO_BATCH', [speech, noise], { padding: 'max', maxLength: 9000 }],
    ['more than memory', 'AUDIO_TOO_LARGE', [speech], { padding: 'max', maxLength: 2 ** 40 }],
    ['padding to nothing', 'AUDIO_OPTION', [speech], { padding: 'max' }],
    ['padding by another word', 'AUDIO_OPTION', [speech], { padding: 'max_length' }],
    ['truncation to nothing', 'AUDIO_OPTION', [speech], { truncation: true }],
    ['truncation by word', 'AUDIO_OPTION', [speech], { truncation: 'yes' }],
    ['multiples of 0', 'AUDIO_OPTION', [speech], { multipleOf: 0 }],
    ['half a sample', 'AUDIO_OPTION', [speech], { maxLength: 0.5 }],
  ])('%s: %s', (_, code, audios, options) => {
    expect(() => wav2vec2.batch(audios as Audio[], options)).toThrow(expect.objectContaining({ code }));
  });

  test('a batch that is no list is refused', () => {
    expect(() => wav2vec2.batch(speech as never)).toThrow(expect.objectContaining({ code: 'AUDIO_BATCH' }));
  });

  test.each([
    ['AST', 399],
    ['SeamlessM4T', 399],
    ['SeamlessM4T', 559],
    ['Speech2Text', 0],
    ['Parakeet', 319],
    ['Clap', 0],
  ])('%s refuses %d samples', (type, length) => {
    const processor = audioProcessor({ feature_extractor_type: `${type}FeatureExtractor` });
    const sound = { data: speech.data.subarray(0, length), sampleRate: processor.sampleRate };
    expect(() => processor(sound)).toThrow(expect.objectContaining({ code: 'AUDIO_TOO_SHORT' }));
  });

  test('CLAP refuses a length that is none', () => {
    const clap = audioProcessor({ feature_extractor_type: 'ClapFeatureExtractor' });
    expect(() => clap({ ...speech, sampleRate: 48_000 }, { maxLength: -1 })).toThrow(expect.objectContaining({ code: 'AUDIO_OPTION' }));
  });
});
