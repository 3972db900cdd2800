import { Worker } from 'node:worker_threads';
import { codecNames, damagedSound, type SoundFacts } from '../sniff/facts.js';
import type { Decoder } from './decoders.js';

/** What a decoder makes of some bytes. */
export interface Block {
  readonly channels: readonly Float32Array[];
  readonly sampleRate: number;
  /** Of FLAC alone. */
  readonly bitDepth?: number | undefined;
  /** What was wrong with the bytes. */
  readonly errors: readonly string[];
}

interface Decoded {
  readonly channelData: readonly Float32Array[];
  readonly samplesDecoded: number;
  readonly sampleRate: number;
  readonly bitDepth?: number;
  readonly errors: readonly { readonly message: string }[];
}

interface StreamDecoder {
  readonly ready: Promise<void>;
  decode(bytes: Uint8Array): Decoded | Promise<Decoded>;
}

type Message = { readonly block: Block } | { readonly failure: string } | { readonly done: true };

export interface DecodeJob {
  readonly codec: SoundFacts['codec'];
  readonly decoder: Decoder;
  readonly bytes: Uint8Array;
  /** What is fed behind them. */
  readonly tail: Uint8Array;
  /** The decoder is stopped once it has given more samples, all channels together. */
  readonly maxSamples: number;
  /** The most seconds between two blocks. */
  readonly timeoutSeconds: number;
  readonly signal?: AbortSignal | undefined;
}

/** A kilobyte of a FLAC that is made to deceive becomes some 80 MB: that much is decoded before a limit is seen. */
const STEP = 1024;

/**
 * Decodes in a thread of its own, and gives block after block to `onBlock`, which may throw to end it: so that the caller's thread goes on, an
 * abort takes effect at once, and damaged bytes that a decoder never gets over end with the thread.
 *
 * @throws AudioError `AUDIO_DECODE`; the signal's reason when it is aborted; what `onBlock` throws.
 */
export async function decodeInWorker(job: DecodeJob, onBlock: (block: Block) => void): Promise<void> {
  const { codec, decoder, bytes, tail, maxSamples, timeoutSeconds, signal } = job;
  signal?.throwIfAborted();
  // A copy, since what is transferred is gone here.
  const copy = new Uint8Array(bytes.length + tail.length);
  copy.set(bytes);
  copy.set(tail, bytes.length);
  const worker = new Worker(`(${decodeHere})()`, {
    eval: true,
    workerData: { ...decoder, bytes: copy, maxSamples, step: STEP },
    transferList: [copy.buffer],
    // The samples are not part of this; the decoders' own lists are.
    resourceLimits: { maxOldGenerationSizeMb: 512 },
  });
  let watch: NodeJS.Timeout | undefined;
  let onAbort: (() => void) | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      const fail = (why: string, cause?: unknown) => reject(damagedSound(codecNames[codec], why, cause));
      watch = setTimeout(() => fail(`the decoder gave nothing for ${timeoutSeconds} s`), timeoutSeconds * 1000);
      onAbort = () => reject(signal?.reason);
      signal?.addEventListener('abort', onAbort);
      worker.on('message', (message: Message) => {
        watch?.refresh();
        if ('done' in message) resolve();
        else if ('failure' in message) fail(message.failure);
        else {
          try {
            onBlock(message.block);
          } catch (error) {
            reject(error);
          }
        }
      });
      worker.on('error', (error) => fail(error.message, error));
      worker.on('exit', (code) => fail(`the decoder ended with code ${code}`));
    });
  } finally {
    clearTimeout(watch);
    if (onAbort) signal?.removeEventListener('abort', onAbort);
    await worker.terminate();
  }
}

/**
 * Runs in the thread, by its text alone, so that no second file needs to be found and bundled. It uses nothing from around it, and names no
 * function of its own, since bundlers that keep names call a helper for that.
 */
async function decodeHere(): Promise<void> {
  const { parentPort, workerData } = await import('node:worker_threads');
  const { url, className, bytes, maxSamples, step } = workerData as Decoder & { bytes: Uint8Array; maxSamples: number; step: number };
  const port = parentPort!;
  // What is wrong comes back as errors; the decoders also print it.
  console.error = () => undefined;
  try {
    const classes = (await import(url)) as Record<string, new () => StreamDecoder>;
    const decoder = new classes[className]!();
    await decoder.ready;
    let samples = 0;
    for (let at = 0; at < bytes.length && samples <= maxSamples; at += step) {
      const { channelData, samplesDecoded, sampleRate, bitDepth, errors } = await decoder.decode(bytes.subarray(at, at + step));
      // Before its headers are read, a decoder may speak of thousands of channels.
      const channels = samplesDecoded === 0 ? [] : channelData.map((channel) => channel.slice(0, samplesDecoded));
      samples += samplesDecoded * channels.length;
      const block = { channels, sampleRate, bitDepth, errors: errors.map(({ message }) => message) };
      port.postMessage(
        { block },
        channels.map(({ buffer }) => buffer as ArrayBuffer),
      );
    }
    port.postMessage({ done: true });
  } catch (error) {
    port.postMessage({ failure: error instanceof Error ? error.message : String(error) });
  }
}
