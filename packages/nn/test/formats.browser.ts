import type { PolymodalError, TensorLike } from '@polymodal/modality-registry';
import goldens from '../src/goldens/formats.json';
import { parseCheckpoint, parseNpz, serializeNpz } from '../src/index.js';

/** A golden is gzipped, in base64. */
async function unpack(file: string): Promise<Uint8Array> {
  const packed = new Blob([Uint8Array.from(atob(file), (character) => character.charCodeAt(0))]);
  return new Uint8Array(await new Response(packed.stream().pipeThrough(new DecompressionStream('gzip'))).arrayBuffer());
}

/** What can be compared between engines: the numbers of all tensors, after their names and shapes. */
const comparable = (tensors: ReadonlyMap<string, TensorLike>) =>
  [...tensors].map(([name, { type, dims, data }]) => ({ name, type, dims: [...dims], data }));

const good = [...goldens.npy, ...goldens.npz, ...goldens.pth].map(({ name, file }) => ({
  name: `${name} is read as in Node`,
  run: async () => comparable((await parseCheckpoint(await unpack(file))).tensors),
}));

const refused = goldens.pthRefused.map(({ name, file, code }) => ({
  name: `${name} is refused`,
  async run() {
    const error = await parseCheckpoint(await unpack(file)).then(
      () => undefined,
      (reason: PolymodalError) => reason,
    );
    if (error?.code !== code) throw new Error(`${error?.code ?? 'no error'} instead of ${code}`);
    return error.message;
  },
}));

export default [
  ...good,
  ...refused,
  {
    name: 'tensors come back from a deflated .npz',
    async run() {
      const data = Float32Array.from({ length: 100_000 }, (_, i) => i % 97);
      const file = await serializeNpz(new Map([['a', { type: 'float32', dims: [100, 1000], data }]]), { compress: true });
      if (file.length > data.byteLength / 10) throw new Error(`${file.length} bytes`);
      return comparable(await parseNpz(file));
    },
  },
];
