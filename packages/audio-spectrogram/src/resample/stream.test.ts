import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { noise } from '../../test/noise.js';
import type { ChunkSource } from '../stream/chunk-source.js';
import type { ResampleOptions } from './options.js';
import { resample } from './resample.js';
import { resampleChunks, resampleStream } from './stream.js';

const joined = (parts: readonly Float32Array[]) =>
  Buffer.concat(parts.map((part) => Buffer.from(part.buffer, part.byteOffset, part.byteLength)));

const rate = fc.oneof(fc.constantFrom(8000, 11_025, 16_000, 22_050, 44_100, 48_000, 96_000), fc.integer({ min: 1, max: 50 }));
const options = fc.constantFrom<ResampleOptions>(
  {},
  { method: 'sinc_interp_kaiser', lowpassFilterWidth: 20, rolloff: 0.5 },
  { method: 'polyphase' },
  { method: 'polyphase', padValue: 0.25 },
);

test('chunks of any size give what the whole gives, bit for bit', () => {
  fc.assert(
    fc.property(rate, rate, options, fc.array(fc.nat({ max: 700 }), { maxLength: 12 }), fc.nat(), (from, to, given, sizes, seed) => {
      const data = noise(
        sizes.reduce((a, b) => a + b, 0),
        seed + 1,
      );
      fc.pre((data.length * to) / from < 500_000);
      const stream = resampleStream(from, to, given);
      let at = 0;
      const parts = sizes.map((size) => {
        at += size;
        return stream.push(data.subarray(at - size, at));
      });
      parts.push(stream.end());
      const whole = resample({ data, sampleRate: from }, to, given).data;
      expect(Buffer.compare(joined(parts), joined([whole]))).toBe(0);
    }),
    { seed: 2, numRuns: 100 },
  );
});

test.each([
  [44_100.5, 16_000],
  [16_000, 44_101],
  [1_000_003, 999_983],
])('and so from %d to %d Hz', (from, to) => {
  const data = noise(3000);
  const stream = resampleStream(from, to);
  const parts = [stream.push(data.subarray(0, 1)), stream.push(data.subarray(1, 1300)), stream.push(data.subarray(1300)), stream.end()];
  expect(Buffer.compare(joined(parts), joined([resample({ data, sampleRate: from }, to).data]))).toBe(0);
});

test('sample by sample, and in one long chunk, too', () => {
  const data = noise(150_000);
  const whole = joined([resample({ data, sampleRate: 44_100 }, 16_000).data]);
  const long = resampleStream(44_100, 16_000);
  expect(Buffer.compare(joined([long.push(data), long.end()]), whole)).toBe(0);
  const short = resampleStream(44_100, 16_000);
  const parts = Array.from({ length: 3000 }, (_, i) => short.push(data.subarray(i, i + 1)));
  expect(Buffer.compare(joined(parts), whole.subarray(0, joined(parts).length))).toBe(0);
  // All but those that wait for samples to come.
  expect(joined(parts).length / 4).toBe(Math.ceil(((3000 - 17) * 160) / 441));
});

test('a chunk may be changed once it was pushed, and is not changed itself', () => {
  const data = noise(1000);
  for (const to of [16_000, 44_100]) {
    const whole = resample({ data, sampleRate: 44_100 }, to).data;
    const stream = resampleStream(44_100, to);
    const buffer = new Float32Array(100);
    const parts: Float32Array[] = [];
    for (let i = 0; i < 1000; i += 100) {
      buffer.set(data.subarray(i, i + 100));
      const kept = buffer.slice();
      parts.push(stream.push(buffer));
      expect(buffer).toEqual(kept);
      buffer.fill(0.75);
    }
    parts.push(stream.end());
    expect(Buffer.compare(joined(parts), joined([whole]))).toBe(0);
  }
});

test('streams that run side by side do not disturb one another', () => {
  const data = noise(5000);
  const rates = [
    [44_100, 16_000],
    [48_000, 16_000],
    [44_100, 48_000],
  ] as const;
  const runs = rates.map(([from, to]) => ({ from, to, stream: resampleStream(from, to), parts: [] as Float32Array[] }));
  for (let i = 0; i < 5000; i += 500) for (const { stream, parts } of runs) parts.push(stream.push(data.subarray(i, i + 500)));
  for (const { from, to, stream, parts } of runs) {
    parts.push(stream.end());
    expect(Buffer.compare(joined(parts), joined([resample({ data, sampleRate: from }, to).data]))).toBe(0);
  }
});

test('an hour takes no more memory than a second', () => {
  const second = noise(44_100);
  const stream = resampleStream(44_100, 16_000);
  let made = 0;
  const push = (seconds: number) => {
    for (let i = 0; i < seconds; i++) made += stream.push(second).length;
    return process.memoryUsage().arrayBuffers;
  };
  const before = push(60);
  const after = push(3540);
  made += stream.end().length;
  expect(made).toBe(3600 * 16_000);
  expect(after - before).toBeLessThan(30 * 2 ** 20);
});

test('chunks that are awaited, of arrays or of audio', async () => {
  const data = noise(3000);
  async function* chunks() {
    yield data.subarray(0, 10);
    yield { data: data.subarray(10, 1500), sampleRate: 22_050 };
    yield data.subarray(1500);
  }
  const parts: Float32Array[] = [];
  for await (const part of resampleChunks(chunks(), 22_050, 16_000)) {
    expect(part.length).toBeGreaterThan(0);
    parts.push(part);
  }
  const whole = resample({ data, sampleRate: 22_050 }, 16_000).data;
  expect(Buffer.compare(joined(parts), joined([whole]))).toBe(0);
  const none: Float32Array[] = [];
  for await (const part of resampleChunks([], 22_050, 16_000)) none.push(part);
  expect(none).toEqual([]);
});

test.each([
  ['a rate of 0', () => resampleStream(0, 16_000), 'AUDIO_SAMPLE_RATE'],
  ['a rate of NaN', () => resampleStream(16_000, Number.NaN), 'AUDIO_SAMPLE_RATE'],
  ['a rolloff of 2', () => resampleStream(16_000, 8000, { rolloff: 2 }), 'AUDIO_OPTION'],
  ['a chunk of another rate', () => resampleStream(16_000, 8000).push({ data: noise(5), sampleRate: 44_100 }), 'AUDIO_SAMPLE_RATE'],
  ['a chunk without samples', () => resampleStream(16_000, 8000).push(undefined as unknown as Float32Array), 'AUDIO_SIGNAL'],
  ['a sample of NaN', () => resampleStream(16_000, 8000).push(Float32Array.of(0, Number.NaN)), 'AUDIO_NOT_FINITE'],
  ['a result of more than 2 GiB', () => resampleStream(1, 100_000).push(new Float32Array(10_000)), 'AUDIO_TOO_LARGE'],
])('%s is refused', (_, call, code) => {
  expect(call).toThrow(expect.objectContaining({ code }));
});

test('chunks of a stream that cannot be iterated over, until it is aborted', async () => {
  const data = noise(3000);
  const made = async (source: ChunkSource) => {
    const parts: Float32Array[] = [];
    for await (const part of resampleChunks(source, 22_050, 16_000)) parts.push(part);
    return joined(parts);
  };
  const { readable, writable } = new TransformStream<Float32Array, Float32Array>();
  const written = (async () => {
    const writer = writable.getWriter();
    for (let i = 0; i < 3; i++) await writer.write(data.subarray(1000 * i, 1000 * (i + 1)));
    await writer.close();
  })();
  const whole = joined([resample({ data, sampleRate: 22_050 }, 16_000).data]);
  expect(Buffer.compare(await made({ getReader: () => readable.getReader() }), whole)).toBe(0);
  await written;

  let cancelled = false;
  const endless = new ReadableStream<Float32Array>({
    start: (controller) => controller.enqueue(data),
    cancel() {
      cancelled = true;
    },
  });
  const controller = new AbortController();
  const parts = resampleChunks({ getReader: () => endless.getReader() }, 22_050, 16_000, { signal: controller.signal });
  expect((await parts.next()).value!.length).toBeGreaterThan(2000);
  const waiting = parts.next();
  controller.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
  expect(cancelled).toBe(true);
});

test('loud samples are told of once, counted over all chunks', () => {
  for (const to of [8000, 16_000]) {
    const heard: string[] = [];
    const options = { onWarning: ({ code }: { code: string }) => heard.push(code) };
    const loud = resampleStream(16_000, to, options);
    for (let i = 0; i < 20; i++) loud.push(noise(160).map((x) => x * 20_000));
    loud.end();
    expect(heard).toEqual(['AUDIO_SCALE']);
    const quiet = resampleStream(16_000, to, options);
    for (let i = 0; i < 2000; i++) quiet.push(Float32Array.of(i === 700 ? 1.6 : 0));
    quiet.end();
    expect(heard).toHaveLength(1);
  }
});

test('chunks that cannot be iterated are refused', async () => {
  for (const chunks of [undefined, null, 5, {}, { data: noise(5), sampleRate: 16_000 }]) {
    const read = async () => {
      for await (const part of resampleChunks(chunks as Iterable<Float32Array>, 16_000, 8000))
        throw new Error(`made ${part.length} samples`);
    };
    await expect(read()).rejects.toMatchObject({ code: 'AUDIO_SIGNAL' });
  }
  await expect(resampleChunks(noise(5) as unknown as Iterable<Float32Array>, 16_000, 8000).next()).rejects.toMatchObject({
    code: 'AUDIO_SIGNAL',
  });
});

test('after its end a stream takes nothing', () => {
  const stream = resampleStream(16_000, 8000);
  expect(stream.end()).toEqual(new Float32Array(0));
  for (const call of [() => stream.push(noise(5)), () => stream.end()]) {
    expect(call).toThrow(expect.objectContaining({ code: 'AUDIO_ENDED' }));
  }
});
