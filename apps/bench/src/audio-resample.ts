import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { resample, resamplePath } from '@polymodal/audio-spectrogram';
import { whiteNoise } from './audio-noise.js';
import { pair, time } from './pair.js';
import { findPython, startPython } from './python-peer.js';
import type { BenchRow } from './row.js';

const [seconds, from, to] = [60, 44_100, 16_000];
/** Sums of float32 in another order. */
const tolerance = 1e-6;

/** torchaudio in a Python child process; undefined where there is none. */
async function startTorchaudio(data: Float32Array, folder: string) {
  const python = findPython('torchaudio');
  if (python === undefined) return undefined;
  const peer = await startPython<{ torch: string; torchaudio: string; threads: number }>(python, 'resample.py', { OMP_NUM_THREADS: '1' });
  const [path, out] = [join(folder, 'noise.f32'), join(folder, 'resampled.f32')];
  await writeFile(path, data);
  await peer.ask({ op: 'load', path, from, to, out });
  const bytes = await readFile(out);
  return {
    name: `torchaudio ${peer.hello.torchaudio} with PyTorch ${peer.hello.torch}, ${peer.hello.threads} thread`,
    values: new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)),
    run: async () => (await peer.ask<{ ms: number }>({ op: 'run' })).ms,
    close: () => peer.close(),
  };
}

/** The median milliseconds without WebAssembly, in a process of its own. */
function plainMs(): number {
  const script = fileURLToPath(new URL('./audio-resample-plain.js', import.meta.url));
  const { stdout, stderr, status } = spawnSync(process.execPath, [script, `${seconds}`, `${from}`, `${to}`], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`audio/resample-60s without WebAssembly: ${stderr}`);
  return Number(stdout);
}

/** A minute of noise from 44.1 to 16 kHz, by torchaudio's windowed sinc. */
export const audioResample: BenchRow = {
  name: 'audio/resample-60s',
  work: `${seconds} s of mono noise from ${from} to ${to} Hz by torchaudio's windowed sinc, one thread`,
  async measure() {
    const folder = await mkdtemp(join(tmpdir(), 'polymodal-bench-'));
    const sound = whiteNoise(seconds, from);
    const peer = await startTorchaudio(sound.data, folder);
    try {
      const found = resample(sound, to).data;
      const apart = peer?.values.reduce((most, value, i) => Math.max(most, Math.abs(value - found[i]!)), 0);
      if (apart !== undefined && (peer!.values.length !== found.length || !(apart <= tolerance)))
        throw new Error(`audio/resample-60s: samples differ by ${apart}, more than ${tolerance}`);
      const result = await pair(() => time(() => resample(sound, to)), peer?.run, { pairs: 60, warmup: 15 });
      const plain = plainMs();
      const way = `ours by ${resamplePath() === 'wasm-simd' ? 'WebAssembly SIMD' : 'plain TypeScript'}`;
      const slower = peer ? `, ${(plain / result.peerMs!).toFixed(1)} times the peer's` : '';
      const ways = `${way}; plain TypeScript takes ${plain.toFixed(0)} ms${slower}`;
      if (!peer) return { ...result, peer: null, note: `no Python with torchaudio on this machine; ${ways}` };
      return { ...result, peer: peer.name, note: `samples agree to ${apart!.toExponential(1)}; ${ways}` };
    } finally {
      peer?.close();
      await rm(folder, { recursive: true });
    }
  },
};
