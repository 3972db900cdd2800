import type { Audio } from '@polymodal/modality-registry';
import { AudioError, optionError, shown } from '../errors.js';
import { viewBytes } from '../sniff/bytes.js';
import { type ChannelAudio, channelSamples, checkChannel, framesIn, type MonoOptions, monoSamples } from './decode.js';
import { type WavHeader, wavHeader } from './header.js';
import { checkLimits } from './limits.js';

/** Bytes as they come: `response.body`, `blob.stream()`, a file's read stream, a generator. */
export type ByteStream = ReadableStream<Uint8Array> | AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

export interface ReadWavOptions {
  /** End where the stream ends, though the header promises more. Default false. */
  readonly allowTruncated?: boolean;
  /** The most frames of a block. Default 16,384. */
  readonly blockFrames?: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads a WAV from a stream, in blocks of one channel as their bytes come: what follows each other is, bit for bit, what `decodeWav` gives of
 * the whole file, of which no more is held than one block and one chunk of the stream.
 *
 * @throws AudioError those of `decodeWav` but `AUDIO_TOO_LARGE`; the signal's reason when it is aborted.
 */
export async function* readWav(stream: ByteStream, options: ReadWavOptions & MonoOptions = {}): AsyncGenerator<Audio, void, undefined> {
  for await (const { view, frames, header } of readFrames(stream, options, (header) => checkChannel(options.channel, header.channels))) {
    yield { data: monoSamples(view, 0, frames, header, options.channel), sampleRate: header.sampleRate };
  }
}

/** Reads a WAV from a stream in blocks of all its channels, as {@link readWav} does of one. @throws AudioError those of {@link readWav} */
export async function* readWavChannels(stream: ByteStream, options: ReadWavOptions = {}): AsyncGenerator<ChannelAudio, void, undefined> {
  for await (const { view, frames, header } of readFrames(stream, options)) {
    yield { channels: channelSamples(view, 0, frames, header), sampleRate: header.sampleRate };
  }
}

interface Frames {
  readonly view: DataView;
  readonly frames: number;
  readonly header: WavHeader;
}

async function* readFrames(stream: ByteStream, options: ReadWavOptions, check?: (header: WavHeader) => unknown): AsyncGenerator<Frames> {
  const { allowTruncated, blockFrames = 16_384, signal } = checkLimits('readWav', options);
  if (!Number.isInteger(blockFrames) || blockFrames < 1) {
    throw optionError('blockFrames', blockFrames, 'a whole number from 1');
  }
  const source = new ByteSource(stream, signal);
  try {
    const parser = wavHeader();
    let step = parser.next();
    while (!step.done) {
      const wanted = step.value;
      step = parser.next('take' in wanted ? await source.take(wanted.take) : await source.skip(wanted.skip));
    }
    const header = step.value;
    check?.(header);
    let seen = 0;
    while (true) {
      const bytes = await source.some(header.frameBytes, Math.min(blockFrames * header.frameBytes, header.dataBytes - seen));
      seen += bytes.length;
      const frames = Math.floor(bytes.length / header.frameBytes);
      if (frames > 0) yield { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), frames, header };
      if (bytes.length < header.frameBytes || seen >= header.dataBytes) break;
    }
    framesIn(seen, header, allowTruncated);
  } finally {
    await source.close();
  }
}

const NOTHING = new Uint8Array(0);

/** Bytes of a stream in pieces of the wanted sizes; at its end, fewer. */
class ByteSource {
  readonly #next: () => Promise<Uint8Array | undefined>;
  readonly close: () => Promise<unknown>;
  #held: Uint8Array = NOTHING;

  constructor(stream: ByteStream, signal: AbortSignal | undefined) {
    const { next, close } = pull(stream);
    let refuse: ((reason: unknown) => void) | undefined;
    const onAbort = () => refuse?.(signal?.reason);
    signal?.addEventListener('abort', onAbort);
    this.#next = () =>
      new Promise((resolve, reject) => {
        signal?.throwIfAborted();
        refuse = reject;
        next().then(resolve, reject);
      });
    this.close = async () => {
      signal?.removeEventListener('abort', onAbort);
      const closed = close().catch(() => undefined);
      // A source that never answers would not answer this either.
      if (!signal?.aborted) await closed;
    };
  }

  async take(count: number): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    let missing = count;
    while (missing > 0 && (await this.#fill())) {
      const part = this.#held.subarray(0, missing);
      parts.push(part);
      missing -= part.length;
      this.#held = this.#held.subarray(part.length);
    }
    return joined(parts, count - missing);
  }

  async skip(count: number): Promise<Uint8Array> {
    let missing = count;
    while (missing > 0 && (await this.#fill())) {
      const part = Math.min(missing, this.#held.length);
      missing -= part;
      this.#held = this.#held.subarray(part);
    }
    return NOTHING;
  }

  /** What is there without waiting, whole multiples of `unit` and at most `most` bytes; waits for one unit. */
  async some(unit: number, most: number): Promise<Uint8Array> {
    if (most < unit) return this.take(most);
    await this.#fill();
    if (this.#held.length < unit) return this.take(unit);
    const whole = this.#held.length - (this.#held.length % unit);
    return this.take(Math.min(whole, most - (most % unit)));
  }

  async #fill(): Promise<boolean> {
    while (this.#held.length === 0) {
      const piece = await this.#next();
      if (piece === undefined) return false;
      this.#held = piece;
    }
    return true;
  }
}

function joined(parts: readonly Uint8Array[], length: number): Uint8Array {
  if (parts.length === 1) return parts[0]!;
  const all = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Reads any kind of stream piece by piece; closing it early tells its source. */
function pull(stream: ByteStream): { next: () => Promise<Uint8Array | undefined>; close: () => Promise<unknown> } {
  // Not every browser iterates over a ReadableStream.
  if (typeof (stream as ReadableStream)?.getReader === 'function') {
    const reader = (stream as ReadableStream<Uint8Array>).getReader();
    return {
      next: async () => {
        const { done, value } = await reader.read();
        return done ? undefined : piece(value);
      },
      close: () => reader.cancel(),
    };
  }
  const iterable = stream as Partial<AsyncIterable<Uint8Array> & Iterable<Uint8Array>> | null;
  const iterator = iterable?.[Symbol.asyncIterator]?.() ?? iterable?.[Symbol.iterator]?.();
  if (!iterator) throw noStream(stream);
  return {
    next: async () => {
      const { done, value } = await iterator.next();
      return done ? undefined : piece(value);
    },
    close: async () => iterator.return?.(),
  };
}

function piece(value: unknown): Uint8Array {
  if (Object.prototype.toString.call(value) === '[object Uint8Array]') return viewBytes(value)!;
  throw noStream(value);
}

function noStream(value: unknown): AudioError {
  return new AudioError({
    code: 'AUDIO_FILE',
    message: `the stream gives ${shown(value)}, but pieces of bytes (Uint8Array) were expected.`,
    fix: 'Pass response.body, blob.stream(), or an iterable of Uint8Array; decode whole bytes with decodeWav.',
  });
}
