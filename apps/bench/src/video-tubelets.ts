import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom } from '@polymodal/autograd';
import { createResizer } from '@polymodal/image-patcher';
import { sampleFrames, tubelets } from '@polymodal/video-tubelets';
import type { Picture } from './image-peers.js';
import { pair, time } from './pair.js';
import { findPython, startPython } from './python-peer.js';
import type { BenchRow } from './row.js';

/** A video of 64 frames, of which 16 are taken. */
const [frameCount, side, count, size, patch, tube] = [64, 256, 16, 128, 16, 2];
const tolerance = 1e-6;

function video(): Picture[] {
  const random = createRandom(11);
  return Array.from({ length: frameCount }, () => {
    const data = new Uint8Array(side * side * 3);
    for (let i = 0; i < data.length; i++) data[i] = random.integer(256);
    return { data, width: side, height: side, channels: 3 };
  });
}

/** Pillow and NumPy in a Python child process; undefined where there is none. */
async function startPillow(frames: readonly Picture[], folder: string) {
  const python = findPython('PIL, numpy');
  if (python === undefined) return undefined;
  const peer = await startPython<{ pillow: string; numpy: string }>(python, 'video_tubelets.py', { OMP_NUM_THREADS: '1' });
  const [path, out] = [join(folder, 'frames.rgb'), join(folder, 'tubelets.f32')];
  await writeFile(path, Buffer.concat(frames.map(({ data }) => data)));
  await peer.ask({ op: 'load', path, frames: frameCount, side, count, size, patch, tube, out });
  const bytes = await readFile(out);
  return {
    name: `Pillow ${peer.hello.pillow} with NumPy ${peer.hello.numpy}, 1 thread`,
    values: new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)),
    run: async () => (await peer.ask<{ ms: number }>({ op: 'run' })).ms,
    close: () => peer.close(),
  };
}

/** A clip of decoded frames to tubelets: sampled, resized and cut. */
export const videoTubelets: BenchRow = {
  name: 'video/tubelets',
  work: `${count} of ${frameCount} decoded ${side}×${side} RGB frames, sampled evenly, resized to ${size}×${size} (bicubic) and cut into tubelets of ${tube}×${patch}×${patch}, one thread`,
  async measure() {
    const folder = await mkdtemp(join(tmpdir(), 'polymodal-bench-'));
    const frames = video();
    const resizer = createResizer();
    const ours = async () => {
      const picked = await sampleFrames(frames, count);
      const small = picked.map((frame) => resizer(frame, { width: size, height: size, filter: 'bicubic' }));
      return tubelets(small, { patchSize: patch, tubeSize: tube });
    };
    const peer = await startPillow(frames, folder);
    try {
      const found = (await ours()).values.data;
      const apart = peer?.values.reduce((most, value, i) => Math.max(most, Math.abs(value - found[i]!)), 0);
      if (apart !== undefined && (peer!.values.length !== found.length || !(apart <= tolerance)))
        throw new Error(`video/tubelets: values differ by ${apart}, more than ${tolerance}`);
      const result = await pair(() => time(ours), peer?.run, { pairs: 60, warmup: 15 });
      const rate = `${Math.round(1000 / result.oursMs)} clips/s`;
      if (!peer) return { ...result, peer: null, note: `${rate}; no Python with Pillow and NumPy on this machine` };
      return { ...result, peer: peer.name, note: `${rate}, the peer ${Math.round(1000 / result.peerMs!)}; values agree to ${apart}` };
    } finally {
      peer?.close();
      await rm(folder, { recursive: true });
    }
  },
};
