import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WhisperFeatureExtractor } from '@huggingface/transformers';
import { enginePath, melFilters, whisperFeatures, whisperStream } from '@polymodal/audio-spectrogram';
import { throughStream } from './audio-features.js';
import { whiteNoise } from './audio-noise.js';
import { packageVersion } from './installed.js';
import { pair, type Side, time } from './pair.js';
import { findPython, startPython } from './python-peer.js';
import type { BenchRow } from './row.js';

const [sampleRate, seconds, mels, streamed] = [16_000, 30, 80, 60];
/** Of float32 against float64, where bins are nearly empty. */
const tolerance = 1.2e-4;

/** Something that makes Whisper's features of a sound. */
interface WhisperPeer {
  readonly name: string;
  /** [mels, 3000] */
  readonly values: Float32Array;
  readonly run: Side;
  close(): void;
}

/** PyTorch in a Python child process, one thread. */
async function startTorch(data: Float32Array, folder: string): Promise<WhisperPeer | undefined> {
  const python = findPython('torch');
  if (python === undefined) return undefined;
  const peer = await startPython<{ torch: string; threads: number }>(python, 'whisper_mel.py', { OMP_NUM_THREADS: '1' });
  const [path, filters, out] = ['sound.f32', 'filters.f32', 'features.f32'].map((name) => join(folder, name)) as [string, string, string];
  await writeFile(path, data);
  await writeFile(filters, melFilters({ sampleRate, fftLength: 400, mels }).data);
  await peer.ask({ op: 'load', path, filters, mels, out });
  const bytes = await readFile(out);
  return {
    name: `PyTorch ${peer.hello.torch}, ${peer.hello.threads} thread`,
    values: new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)),
    run: async () => (await peer.ask<{ ms: number }>({ op: 'run' })).ms,
    close: () => peer.close(),
  };
}

/** transformers.js, as Whisper's `preprocessor_config.json` sets it up. */
async function startTransformersJs(data: Float32Array): Promise<WhisperPeer> {
  const settings = { feature_size: mels, sampling_rate: sampleRate, n_fft: 400, hop_length: 160, n_samples: seconds * sampleRate };
  const extractor = new WhisperFeatureExtractor({ ...settings, chunk_length: seconds, nb_max_frames: 3000 });
  const { input_features } = await extractor(data);
  return {
    name: `@huggingface/transformers ${packageVersion('@huggingface/transformers')}`,
    values: input_features.data as Float32Array,
    run: () => time(() => extractor(data)),
    close: () => {},
  };
}

let plain: { readonly whisper: number; readonly stream: number } | undefined;

/** The median milliseconds of both rows without WebAssembly, in a process of their own. */
function plainMs() {
  if (plain) return plain;
  const { stdout, stderr, status } = spawnSync(process.execPath, [fileURLToPath(new URL('./audio-features-plain.js', import.meta.url))], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`audio without WebAssembly: ${stderr}`);
  plain = JSON.parse(stdout) as NonNullable<typeof plain>;
  return plain;
}

const way = () => `ours by ${enginePath() === 'wasm-simd' ? 'WebAssembly SIMD' : 'plain TypeScript'}`;

function whisperRow(
  name: string,
  start: (data: Float32Array, folder: string) => Promise<WhisperPeer | undefined>,
  pairs: number,
  settleMs = 0,
): BenchRow {
  return {
    name,
    work: `Whisper's log-mel features, [${mels}, 3000], of ${seconds} s of noise at 16 kHz, one thread`,
    async measure() {
      const folder = await mkdtemp(join(tmpdir(), 'polymodal-bench-'));
      const sound = whiteNoise(seconds, sampleRate);
      const peer = await start(sound.data, folder);
      try {
        const found = whisperFeatures(sound).data;
        const apart = peer?.values.reduce((most, value, i) => Math.max(most, Math.abs(value - found[i]!)), 0);
        if (apart !== undefined && (peer!.values.length !== found.length || !(apart <= tolerance)))
          throw new Error(`${name}: features differ by ${apart}, more than ${tolerance}`);
        const result = await pair(() => time(() => whisperFeatures(sound)), peer?.run, { pairs, warmup: Math.ceil(pairs / 3), settleMs });
        const { whisper } = plainMs();
        const times = peer ? `, ${(whisper / result.peerMs!).toPrecision(2)} times the peer's` : '';
        const ways = `${way()}; plain TypeScript takes ${whisper.toFixed(1)} ms${times}`;
        if (!peer) return { ...result, peer: null, note: `no Python with torch on this machine; ${ways}` };
        return { ...result, peer: peer.name, note: `features agree to ${apart!.toExponential(1)}; ${ways}` };
      } finally {
        peer?.close();
        await rm(folder, { recursive: true });
      }
    },
  };
}

/** Whisper's features of 30 s beside PyTorch and transformers.js, and of a live sound. */
export const audioSpectrogram: readonly BenchRow[] = [
  whisperRow('audio/whisper-30s', startTorch, 60),
  // What the peer leaves to V8's collector, which other threads clear away, is not to slow either side's next run.
  whisperRow('audio/whisper-30s/transformers.js', startTransformersJs, 25, 50),
  {
    name: 'audio/stream-20ms',
    work: `${streamed} s of noise at 16 kHz in chunks of 20 ms through whisperStream, [${mels}, 100] a second, one thread`,
    async measure() {
      const { data } = whiteNoise(streamed, sampleRate);
      const run = () => throughStream(whisperStream({ sampleRate }), data);
      const result = await pair(() => time(run), undefined, { pairs: 30, warmup: 10 });
      const speed = (ms: number) => `${Math.round((streamed * 1000) / ms)} times real time`;
      const { stream } = plainMs();
      return { ...result, peer: null, note: `${speed(result.oursMs)}, ${way()}; in plain TypeScript ${speed(stream)}` };
    },
  },
];
