import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { bytesOfBase64, wavFile } from '../../test/wav-file.js';
import goldens from '../goldens/wav.json' with { type: 'json' };
import { decodeWav, decodeWavChannels } from './decode.js';
import { type ByteStream, type ReadWavOptions, readWav, readWavChannels } from './read.js';

const files = goldens.decode.map(({ file }) => bytesOfBase64(file));

/** A file in pieces of given lengths, again and again; 0 gives an empty piece. */
function pieces(file: Uint8Array, lengths: readonly number[]): Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let at = 0, i = 0; at < file.length; at += lengths[i++ % lengths.length]!) {
    parts.push(file.subarray(at, at + lengths[i % lengths.length]!));
  }
  return parts;
}

async function all<T>(blocks: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const block of blocks) list.push(block);
  return list;
}

function concat(parts: readonly Float32Array[]): Float32Array {
  return Float32Array.from(parts.flatMap((part) => Array.from(part)));
}

const codeOf = (stream: unknown, options?: ReadWavOptions) =>
  all(readWav(stream as ByteStream, options)).then(
    () => 'no error',
    (error: { code: string }) => error.code,
  );

test('any chunking of any file gives what decodeWav gives of the whole, bit for bit', async () => {
  const lengths = fc.array(fc.nat(70), { minLength: 1, maxLength: 5 }).filter((list) => list.some((length) => length > 0));
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...files), lengths, fc.integer({ min: 1, max: 50 }), async (file, sizes, blockFrames) => {
      const stream = pieces(file, sizes);
      const whole = decodeWavChannels(file);
      const blocks = await all(readWavChannels(stream, { blockFrames }));
      expect(whole.channels.map((_, c) => concat(blocks.map(({ channels }) => channels[c]!)))).toEqual(whole.channels);
      expect(Math.max(...blocks.map(({ channels }) => channels[0]!.length))).toBeLessThanOrEqual(blockFrames);
      const mono = await all(readWav(stream, { blockFrames }));
      expect(concat(mono.map(({ data }) => data))).toEqual(decodeWav(file).data);
      expect(new Set(mono.map(({ sampleRate }) => sampleRate))).toEqual(new Set([whole.sampleRate]));
    }),
    { numRuns: 300 },
  );
});

test('a ReadableStream, an async iterable and an iterable give the same', async () => {
  const file = files[0]!;
  async function* later() {
    yield* pieces(file, [100]);
  }
  for (const stream of [new Blob([new Uint8Array(file)]).stream(), later(), pieces(file, [100])]) {
    expect(concat((await all(readWav(stream))).map(({ data }) => data))).toEqual(decodeWav(file).data);
  }
});

test('one channel of several', async () => {
  const file = wavFile({ channels: 2, data: Uint8Array.of(0, 64, 0, 32, 0, 192, 0, 224) });
  expect(await all(readWav([file], { channel: 1 }))).toEqual([{ data: Float32Array.of(0.25, -0.25), sampleRate: 8000 }]);
  await expect(all(readWav([file], { channel: 2 }))).rejects.toThrow('channel is 2, but the file has channels 0 to 1.');
});

describe('streams end early', () => {
  const file = wavFile({ channels: 2, data: new Uint8Array(400).fill(64) });

  test('inside a frame, or before what the header promises, unless that is allowed', async () => {
    for (const length of [44 + 201, 44 + 200, 44, 43, 20, 3, 0]) {
      const expected = length >= 44 ? 'AUDIO_TRUNCATED' : ['AUDIO_EMPTY', 'AUDIO_UNKNOWN_FORMAT', 'AUDIO_TRUNCATED'];
      expect(expected).toContain(await codeOf(pieces(file.subarray(0, length), [7])));
    }
    const blocks = await all(readWav(pieces(file.subarray(0, 44 + 203), [7]), { allowTruncated: true }));
    expect(concat(blocks.map(({ data }) => data)).length).toBe(50);
  });

  test('the blocks before the end come first', async () => {
    const seen: number[] = [];
    await expect(async () => {
      for await (const { data } of readWav(pieces(file.subarray(0, 144), [50]))) seen.push(data.length);
    }).rejects.toThrow('promises 400 bytes of samples, but 100 follow.');
    expect(seen.reduce((a, b) => a + b)).toBe(25);
  });

  test('by an abort, even while the source is silent; the source is told', async () => {
    const controller = new AbortController();
    let cancelled = false;
    const silent = new ReadableStream<Uint8Array>({
      start: (to) => to.enqueue(file.subarray(0, 100)),
      cancel() {
        cancelled = true;
      },
    });
    const reason = new Error('enough');
    const blocks = readWav(silent, { signal: controller.signal });
    expect((await blocks.next()).value!.data.length).toBe(14);
    setTimeout(() => controller.abort(reason), 5);
    await expect(blocks.next()).rejects.toBe(reason);
    expect(cancelled).toBe(true);
    async function* never() {
      yield file.subarray(0, 100);
      await new Promise(() => undefined);
    }
    await expect(all(readWav(never(), { signal: AbortSignal.timeout(5) }))).rejects.toThrow(
      expect.objectContaining({ name: 'TimeoutError' }),
    );
    await expect(all(readWav([file], { signal: AbortSignal.abort(reason) }))).rejects.toBe(reason);
  });

  test('by whoever reads: the source is closed, and nothing behind the samples is read', async () => {
    let closed = 0;
    async function* source(tail: number) {
      try {
        yield file;
        for (let i = 0; i < tail; i++) yield new Uint8Array(1e6);
        if (tail > 0) throw new Error('read on');
      } finally {
        closed++;
      }
    }
    for await (const { data } of readWav(source(3), { blockFrames: 10 })) {
      expect(data.length).toBe(10);
      break;
    }
    expect((await all(readWav(source(3)))).length).toBe(1);
    expect(closed).toBe(2);
  });
});

test.each([7, null, undefined, new Uint8Array(9), ['text'], {}])('%p is no stream of bytes', async (value) => {
  expect(await codeOf(value)).toBe('AUDIO_FILE');
});

test.each([0, -1, 1.5, Number.NaN, Infinity])('blockFrames of %p is refused', async (blockFrames) => {
  expect(await codeOf([wavFile()], { blockFrames })).toBe('AUDIO_OPTION');
});

test.each([null, { allowTruncated: 'no' }, { signal: 'x' }])('options of %j are refused', async (options) => {
  expect(await codeOf([wavFile()], options as never)).toBe('AUDIO_OPTION');
});

test('a piece that was transferred away is refused', async () => {
  const gone = wavFile();
  structuredClone(gone.buffer, { transfer: [gone.buffer as ArrayBuffer] });
  expect(await codeOf([gone])).toBe('AUDIO_FILE');
});

test('an hour of sound takes no memory', async () => {
  const second = new Uint8Array(2 * 44_100 * 2);
  function* hour() {
    yield wavFile({ channels: 2, sampleRate: 44_100, data: new Uint8Array(0), dataSize: 3600 * second.length });
    for (let i = 0; i < 3600; i++) yield second;
  }
  let frames = 0;
  let most = 0;
  const before = process.memoryUsage().arrayBuffers;
  for await (const { data } of readWav(hour())) {
    frames += data.length;
    most = Math.max(most, process.memoryUsage().arrayBuffers - before);
  }
  expect(frames).toBe(3600 * 44_100);
  expect(most).toBeLessThan(50e6);
});
