import { describe, expect, test } from '@jest/globals';
import type { TensorLike } from '@polymodal/modality-registry';
import fc from 'fast-check';
import { largestDifference, signal } from '../../test/feature-goldens.js';
import { kaldiFbank } from '../kaldi/features.js';
import { kaldiFbankStream } from '../kaldi/stream.js';
import { logMel, melSpectrogram } from '../spectrogram/mel-spectrogram.js';
import { normalizeWhisper } from '../whisper/normalize.js';
import { whisperStream } from '../whisper/stream.js';
import { whisperLogMel } from '../whisper/whisper.js';
import { frameCutter } from './frame-cutter.js';
import type { FrameStream } from './frame-stream.js';
import { joinFrames } from './join-frames.js';
import { logMelStream, melSpectrogramStream } from './mel-stream.js';
import { streamFrames } from './stream-frames.js';

const sampleRate = 16_000;
const noise = signal('noise_8000');

/** A signal in pieces of the given sizes, over and over. */
function* pieces(data: Float32Array, sizes: readonly number[]): Generator<Float32Array> {
  for (let at = 0, i = 0; at < data.length; i++) {
    const size = sizes[i % sizes.length]!;
    yield data.slice(at, at + size);
    at += size;
  }
}

function through(stream: FrameStream, chunks: Iterable<Float32Array>): TensorLike<'float32'> {
  const parts = Array.from(chunks, (chunk) => stream.push(chunk));
  return joinFrames([...parts, stream.end()]);
}

/** Of sizes from none to more than a frame, with at least one that is not empty. */
const sizes = fc.array(fc.integer({ min: 0, max: 900 }), { minLength: 1, maxLength: 8 }).filter((list) => list.some((size) => size > 0));

function expectSame(ours: TensorLike<'float32'>, whole: TensorLike<'float32'>): void {
  expect(ours.dims).toEqual(whole.dims);
  expect(largestDifference(ours.data, whole.data)).toBe(0);
}

test('frames of any length and hop are found in chunks of any sizes', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 60 }),
      sizes,
      fc.integer({ min: 0, max: 300 }),
      (length, hop, list, samples) => {
        const data = Float32Array.from({ length: samples }, (_, i) => i);
        const cut = frameCutter(length, hop);
        const found: number[][] = [];
        for (const chunk of pieces(data, list)) {
          cut(chunk, (from, start, frames) => {
            for (let i = 0; i < frames; i++) found.push([...from.subarray(start + i * hop, start + i * hop + length)]);
          });
        }
        const expected: number[][] = [];
        for (let start = 0; start + length <= samples; start += hop) expected.push([...data.subarray(start, start + length)]);
        expect(found).toEqual(expected);
      },
    ),
    { numRuns: 300 },
  );
});

describe('in chunks of any sizes as the whole, to the bit', () => {
  const settings = fc.record({
    fftLength: fc.constantFrom(64, 65, 240, 400),
    hopLength: fc.constantFrom(1, 40, 160, 500),
    center: fc.boolean(),
    padMode: fc.constantFrom('reflect' as const, 'constant' as const),
    power: fc.constantFrom(1 as const, 2 as const),
    mels: fc.constantFrom(1, 5, 20),
  });
  const quiet = { sampleRate, onWarning: () => {} };

  test('mel spectrograms', () => {
    fc.assert(
      fc.property(settings, sizes, fc.integer({ min: 400, max: 2000 }), (options, list, samples) => {
        const data = noise.subarray(0, samples);
        const mel = { ...quiet, ...options };
        expectSame(through(melSpectrogramStream(mel), pieces(data, list)), melSpectrogram(data, mel));
      }),
      { numRuns: 100 },
    );
  });

  test.each([
    { scale: 'log10', floor: 1e-10 },
    { scale: 'ln', add: 1e-6 },
    { scale: 'dB', topDb: null, reference: 2 },
  ] as const)('logarithms: %p', (log) => {
    fc.assert(
      fc.property(sizes, (list) => {
        const options = { ...quiet, fftLength: 256, hopLength: 100, mels: 10, log };
        expectSame(through(logMelStream(options), pieces(noise, list)), logMel(noise, options));
      }),
      { numRuns: 20 },
    );
  });

  test("Whisper's, once the largest value is known", () => {
    const whole = whisperLogMel({ data: noise, sampleRate });
    fc.assert(
      fc.property(sizes, (list) => {
        const raw = whisperStream({ sampleRate, normalize: 'none' });
        expectSame(normalizeWhisper(through(raw, pieces(noise, list))), whole);
        expectSame(through(whisperStream({ sampleRate, normalize: raw.maximum }), pieces(noise, list)), whole);
      }),
      { numRuns: 20 },
    );
  });

  test("Whisper's running variant does not depend on the chunks, and is the whole's from the loudest frame on", () => {
    const data = Float32Array.from({ length: 16_000 }, (_, i) => Math.sin(i * i * 1e-4) * Math.min(1, i / 8000) ** 4);
    const running = through(whisperStream({ sampleRate }), [data]);
    const whole = whisperLogMel({ data, sampleRate });
    expect(largestDifference(running.data, whole.data)).toBeGreaterThan(0.1);
    const frame = (tensor: TensorLike<'float32'>, i: number) => Array.from({ length: 80 }, (_, bin) => tensor.data[bin * 100 + i]!);
    const loudest = Array.from({ length: 100 }, (_, i) => Math.max(...frame(whole, i)));
    for (let i = loudest.indexOf(Math.max(...loudest)); i < 100; i++) expect(frame(running, i)).toEqual(frame(whole, i));
    fc.assert(
      fc.property(sizes, (list) => expectSame(through(whisperStream({ sampleRate }), pieces(data, list)), running)),
      { numRuns: 10 },
    );
  });
});

test('a chunk may be overwritten after it is pushed', () => {
  const stream = whisperStream({ sampleRate, normalize: 'none' });
  const buffer = new Float32Array(128);
  const parts: TensorLike<'float32'>[] = [];
  for (let at = 0; at < noise.length; at += 128) {
    const chunk = buffer.subarray(0, Math.min(128, noise.length - at));
    chunk.set(noise.subarray(at, at + chunk.length));
    parts.push(stream.push(chunk));
    buffer.fill(0.25);
  }
  expectSame(normalizeWhisper(joinFrames([...parts, stream.end()])), whisperLogMel({ data: noise, sampleRate }));
});

describe('what is too short, and what comes too late', () => {
  test.each([0, 1, 200])('%i samples are refused as the whole is', (samples) => {
    const stream = whisperStream({ sampleRate });
    expect(stream.push(new Float32Array(samples)).dims).toEqual([80, 0]);
    expect(stream.maximum).toBe(Number.NEGATIVE_INFINITY);
    expect(() => stream.end()).toThrow(expect.objectContaining({ code: 'AUDIO_TOO_SHORT' }));
    expect(() => whisperLogMel({ data: new Float32Array(samples), sampleRate })).toThrow(
      expect.objectContaining({ code: 'AUDIO_TOO_SHORT' }),
    );
    // More may come after all.
    expect(through(stream, [new Float32Array(320)]).dims).toEqual([80, Math.floor((samples + 320) / 160)]);
  });

  test('frames without padding need a frame of samples; padded with silence, none', () => {
    const options = { sampleRate, fftLength: 400, hopLength: 160, mels: 10 };
    expect(() => melSpectrogramStream({ ...options, center: false }).end()).toThrow(expect.objectContaining({ code: 'AUDIO_TOO_SHORT' }));
    const silent = melSpectrogramStream(options).end();
    expect(silent).toEqual(melSpectrogram(new Float32Array(0), options));
    expect([...silent.data]).toEqual(new Array(10).fill(0));
  });

  test('nothing after the end', () => {
    const stream = whisperStream({ sampleRate });
    stream.push(noise);
    stream.end();
    expect(() => stream.push(noise)).toThrow(expect.objectContaining({ code: 'AUDIO_ENDED' }));
    expect(() => stream.end()).toThrow(expect.objectContaining({ code: 'AUDIO_ENDED' }));
  });

  test('rates, chunks and choices that there cannot be', () => {
    expect(() => whisperStream({ sampleRate: 48_000 })).toThrow(/resample\(audio, 16000\)/);
    for (const begin of [whisperStream, melSpectrogramStream]) {
      expect(() => begin(undefined as never)).toThrow(expect.objectContaining({ code: 'AUDIO_SAMPLE_RATE' }));
    }
    expect(() => logMelStream({ log: { scale: 'ln', add: 1 } } as never)).toThrow(expect.objectContaining({ code: 'AUDIO_SAMPLE_RATE' }));
    expect(() => whisperStream({ sampleRate, normalize: Number.NaN })).toThrow(expect.objectContaining({ code: 'AUDIO_OPTION' }));
    expect(() => logMelStream({ sampleRate, log: { scale: 'dB' } })).toThrow(/topDb: null/);
    const stream = whisperStream({ sampleRate });
    expect(() => stream.push({ data: noise, sampleRate: 8000 })).toThrow(expect.objectContaining({ code: 'AUDIO_SAMPLE_RATE' }));
    expect(() => stream.push(Float32Array.of(Number.NaN))).toThrow(expect.objectContaining({ code: 'AUDIO_NOT_FINITE' }));
    expect(() => stream.push([0, 1] as never)).toThrow(expect.objectContaining({ code: 'AUDIO_SIGNAL' }));
    // What was refused left no trace.
    expectSame(through(stream, [noise]), through(whisperStream({ sampleRate }), [noise]));
  });
});

test('samples that look like unscaled integers are told of once', () => {
  const heard: string[] = [];
  const stream = whisperStream({ sampleRate, onWarning: ({ code }) => heard.push(code) });
  for (let i = 0; i < 3; i++) stream.push(noise.map((x) => x * 20_000));
  expect(heard).toEqual(['AUDIO_SCALE']);
});

describe('joinFrames', () => {
  const of = (bins: number, frames: number): TensorLike<'float32'> => ({
    type: 'float32',
    dims: [bins, frames],
    data: new Float32Array(bins * frames).fill(frames),
  });

  test('puts frames behind frames', () => {
    expect(joinFrames([of(2, 1), of(2, 0), of(2, 2)])).toEqual({ type: 'float32', dims: [2, 3], data: Float32Array.of(1, 2, 2, 1, 2, 2) });
  });

  test('puts rows below rows where frames come first, as of Kaldi', () => {
    const options = { dither: 0.1, numMelBins: 7 };
    const whole = kaldiFbank({ data: noise, sampleRate }, options);
    const stream = kaldiFbankStream(options);
    const parts = Array.from(pieces(noise, [900, 320]), (chunk) => stream.push(chunk));
    expectSame(joinFrames([...parts, stream.end()], { layout: 'frames-first' }), whole);
    expect(() => joinFrames(parts)).toThrow(/parts\[1\] is \[.*, 7\], but parts\[0\] is .* Pass { layout: 'frames-first' }/);
  });

  test('refuses nothing, different bins, and what is none', () => {
    for (const parts of [undefined, null, 5, [], [of(2, 1), of(3, 1)], [of(2, 1), undefined]])
      expect(() => joinFrames(parts as never)).toThrow(expect.objectContaining({ code: 'AUDIO_SPECTROGRAM' }));
    expect(() => joinFrames([of(1, 2), of(1, 3)], { layout: 'frames-first' })).toThrow(
      /equally many bins were expected of \[frames, bins\]/,
    );
    for (const options of [null, { layout: 'kaldi' }])
      expect(() => joinFrames([of(1, 2)], options as never)).toThrow(expect.objectContaining({ code: 'AUDIO_OPTION' }));
  });
});

test('a chunk of more frames than memory holds is refused, and smaller ones may follow', () => {
  const options = { sampleRate, fftLength: 16, hopLength: 1, mels: 4096, onWarning: () => {} };
  const stream = melSpectrogramStream(options);
  const start = performance.now();
  expect(() => stream.push(new Float32Array(200_000))).toThrow(
    expect.objectContaining({ code: 'AUDIO_TOO_LARGE', message: expect.stringContaining('smaller chunks') }),
  );
  expect(performance.now() - start).toBeLessThan(5000);
  expectSame(through(stream, [noise.subarray(0, 100)]), melSpectrogram(noise.subarray(0, 100), options));
});

describe('streamFrames', () => {
  const whole = whisperLogMel({ data: noise, sampleRate });
  const begin = () => whisperStream({ sampleRate, normalize: 'none' });
  const collected = async (frames: AsyncIterable<TensorLike<'float32'>>) => {
    const parts: TensorLike<'float32'>[] = [];
    for await (const part of frames) parts.push(part);
    expect(parts.every(({ data }) => data.length > 0)).toBe(true);
    return normalizeWhisper(joinFrames(parts));
  };

  test('takes arrays, generators and streams of chunks', async () => {
    async function* later() {
      for (const chunk of pieces(noise, [320])) yield await Promise.resolve(chunk);
    }
    const readable = () =>
      new ReadableStream<Float32Array>({
        start(controller) {
          for (const chunk of pieces(noise, [1000])) controller.enqueue(chunk);
          controller.close();
        },
      });
    // As in browsers whose streams cannot be iterated over.
    const reader = readable();
    const plain = { getReader: () => reader.getReader() };
    for (const source of [[noise], pieces(noise, [77]), later(), readable(), plain]) {
      expectSame(await collected(streamFrames(begin(), source)), whole);
    }
  });

  test('ends with the reason of the signal, though the next chunk never comes, and closes its source', async () => {
    let closed = false;
    const source: AsyncIterable<Float32Array> = {
      [Symbol.asyncIterator]() {
        let first = true;
        return {
          next: () =>
            (first ? Promise.resolve({ done: false, value: noise }) : new Promise(() => {})).finally(() => (first = false)) as never,
          return: async () => {
            closed = true;
            return { done: true, value: undefined };
          },
        };
      },
    };
    const controller = new AbortController();
    const frames = streamFrames(begin(), source, { signal: controller.signal });
    const { value } = await frames.next();
    expect(value!.dims[1]).toBeGreaterThan(40);
    const waiting = frames.next();
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    expect(closed).toBe(true);
  });

  test('does not begin where the signal is aborted before', async () => {
    const chunks = pieces(noise, [100]);
    await expect(streamFrames(begin(), chunks, { signal: AbortSignal.abort(new Error('no')) }).next()).rejects.toThrow('no');
    expect(chunks.next().done).toBe(true);
  });

  test('closes the source where its reader breaks off, and where a chunk is bad', async () => {
    const chunks = pieces(noise, [1000]);
    for await (const _ of streamFrames(begin(), chunks)) break;
    expect(chunks.next().done).toBe(true);
    const bad = pieces(Float32Array.of(0, Number.NaN, 1), [1]);
    await expect(collected(streamFrames(begin(), bad))).rejects.toThrow(expect.objectContaining({ code: 'AUDIO_NOT_FINITE' }));
    expect(bad.next().done).toBe(true);
  });

  test('refuses what is no stream, no chunks, no options', async () => {
    const cases: [code: string, ...Parameters<typeof streamFrames>][] = [
      ['AUDIO_OPTION', undefined as never, [noise]],
      ['AUDIO_OPTION', { push: () => whole } as never, [noise]],
      ['AUDIO_OPTION', begin(), [noise], null as never],
      ['AUDIO_OPTION', begin(), [noise], { signal: 'stop' as never }],
      ['AUDIO_SIGNAL', begin(), undefined as never],
      ['AUDIO_SIGNAL', begin(), { data: noise, sampleRate } as never],
    ];
    for (const [code, ...given] of cases) await expect(streamFrames(...given).next()).rejects.toMatchObject({ code });
  });
});
