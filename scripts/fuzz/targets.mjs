import { crc32, gunzipSync } from 'node:zlib';
import { decodeWav, decodeWavChannels, wavInfo } from '@polymodal/audio-spectrogram';
import { createRandom } from '@polymodal/autograd';
import { parseClipConfig } from '@polymodal/clip';
import { imageProcessor, readOrientation, sniffImage } from '@polymodal/image-patcher';
import { decodeImage } from '@polymodal/image-patcher/browser';
import { parseNpy, parseNpz, parsePyTorch, parseSafetensors } from '@polymodal/nn';
import { flatIndex, parseIndex, serializeIndex } from '@polymodal/retrieval';
import codecs from '../../packages/audio-spectrogram/src/goldens/codecs.json' with { type: 'json' };
import wav from '../../packages/audio-spectrogram/src/goldens/wav.json' with { type: 'json' };
import { soundFacts } from '../../packages/audio-spectrogram/src/sniff/facts.ts';
import { audioFormat } from '../../packages/audio-spectrogram/src/sniff/format.ts';
import decoded from '../../packages/image-patcher/test/goldens/decode.json' with { type: 'json' };
import orientation from '../../packages/image-patcher/test/goldens/orientation.json' with { type: 'json' };
import { writeZip } from '../../packages/nn/src/formats/zip/write-zip.ts';
import { readZipDirectory } from '../../packages/nn/src/formats/zip/zip-directory.ts';
import formats from '../../packages/nn/src/goldens/formats.json' with { type: 'json' };
import { fuzzInput, fuzzOne, parsers as tokenizerParsers } from '../../packages/text-tokenizer/test/fuzz/parsers.ts';
import { damage, outcomeOf } from './damage.mjs';
import { soundSafetensors, weightTargets } from './weights.mjs';

const text = (bytes) => new TextDecoder().decode(bytes);
const bytesOf = (value) => new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));

const index = flatIndex({ space: { name: 'toy', fingerprint: '0123456789abcdef' }, width: 2 });
await index.add([
  { id: 'east', vector: Float32Array.of(5, 0), metadata: { path: 'east.png' } },
  { id: 'north', vector: Float32Array.of(0, 2) },
]);
const clipConfig = {
  model_type: 'clip',
  projection_dim: 8,
  text_config: {
    vocab_size: 300,
    hidden_size: 8,
    intermediate_size: 16,
    num_hidden_layers: 1,
    num_attention_heads: 2,
    max_position_embeddings: 16,
  },
  vision_config: { image_size: 32, patch_size: 8, hidden_size: 8, intermediate_size: 16, num_hidden_layers: 1, num_attention_heads: 2 },
};
const processorConfig = {
  image_processor_type: 'CLIPImageProcessor',
  size: { shortest_edge: 224 },
  crop_size: 224,
  image_mean: [0.5, 0.5, 0.5],
};
const box = (type, ...content) => [0, 0, 0, 8 + content.length, ...bytesOf(type), ...content];
const avif = Uint8Array.from([
  ...box('ftyp', ...bytesOf('avif\0\0\0\0avifmif1')),
  ...box('meta', 0, 0, 0, 0, ...box('iprp', ...box('ipco', ...box('ispe', 0, 0, 0, 0, 0, 0, 0, 64, 0, 0, 0, 48)))),
]);
/** One small file of every format: those that Pillow wrote with EXIF data, and headers alone. */
const pictures = [
  ...orientation.files.slice(0, 4).map(({ bytes }) => Uint8Array.from(Buffer.from(bytes, 'base64'))),
  bytesOf('GIF89a\x40\0\x30\0\x80\0\0'),
  bytesOf('<?xml version="1.0"?><!-- a --><svg width="4cm" height="2e1" viewBox="0 0 4 2"/>'),
  avif,
];

/** Files of the formats that are decoded without the help of another library, whole. */
const decodedHere = (format) =>
  decoded.files.filter(({ name }) => name.includes(format)).map(({ file }) => Uint8Array.from(Buffer.from(file, 'base64')));
/** Its checksums made right in half of the cases: damage then reaches what they guard. */
function withChecksums(png) {
  if (png.length % 2 === 0) return png;
  const view = new DataView(png.buffer, png.byteOffset, png.length);
  for (let at = 8; at + 12 <= png.length; ) {
    const end = at + 8 + view.getUint32(at);
    if (end + 4 > png.length) break;
    view.setUint32(end, crc32(png.subarray(at + 4, end)));
    at = end + 4;
  }
  return png;
}
const decode = (bytes) => decodeImage(bytes, { maxPixels: 1_000_000, allowTruncated: bytes.length % 3 === 0 });

/** Files of every format that is read, and of some that are refused. */
const sounds = [...wav.decode.map(({ file }) => file), ...Object.values(wav.unsupported)].map((file) =>
  Uint8Array.from(Buffer.from(file, 'base64')),
);

/** FLAC, MP3, Vorbis and Opus: small ones, since every change copies them. */
const compressed = codecs.cases.map(({ file }) => Uint8Array.from(Buffer.from(file, 'base64'))).filter(({ length }) => length < 6000);

/** Everything that is made of a WAV; with a limit, so that what a header claims is never what is allocated. */
function readWavFile(bytes) {
  const options = { maxSamples: 1e6, allowTruncated: bytes.length % 2 === 0 };
  const { channels } = decodeWavChannels(bytes, options);
  const { data } = decodeWav(bytes, options);
  if (data.length !== channels[0].length || data.length * channels.length > bytes.length)
    throw new Error(`${data.length} samples of ${bytes.length} bytes`);
  wavInfo(bytes);
}

/** Files that numpy and PyTorch wrote; small ones, since every change copies them. */
const weights = (kind, name = '') =>
  formats[kind]
    .filter((one) => one.name.includes(name))
    .map(({ file }) => new Uint8Array(gunzipSync(Buffer.from(file, 'base64'))))
    .filter(({ length }) => length < 16_000);

/** An archive's checksums made right in half of the cases, as for PNG. */
function withZipChecksums(zip) {
  if (zip.length % 2 === 0) return zip;
  const view = new DataView(zip.buffer, zip.byteOffset, zip.length);
  for (let at = 0; at + 46 <= zip.length; at++) {
    if (view.getUint32(at, true) !== 0x02014b50) continue;
    const [size, header] = [view.getUint32(at + 20, true), view.getUint32(at + 42, true)];
    if (header + 30 > zip.length) continue;
    const start = header + 30 + view.getUint16(header + 26, true) + view.getUint16(header + 28, true);
    if (start + size <= zip.length) view.setUint32(at + 16, crc32(zip.subarray(start, start + size)), true);
  }
  return zip;
}

/** The pickles of archives, which are damaged apart and then put beside storages that are large enough. */
const pickles = weights('pth', 'zip').map((zip) => {
  const { start, size } = readZipDirectory(zip).find(({ name }) => name.endsWith('/data.pkl'));
  return zip.slice(start, start + size);
});
const storages = Array.from({ length: 40 }, (_, key) => [`a/data/${key}`, new Uint8Array(512).fill(key % 2)]);
const readPickle = async (pickle) => parsePyTorch(await writeZip([['a/data.pkl', pickle], ...storages], false));

/** A good file or several, and what reads them. */
const damaged = {
  safetensors: { good: soundSafetensors, parse: parseSafetensors },
  npy: { good: weights('npy'), parse: parseNpy },
  npz: { good: weights('npz'), parse: (bytes) => parseNpz(withZipChecksums(bytes)) },
  pth: { good: weights('pth'), parse: (bytes) => parsePyTorch(withZipChecksums(bytes)) },
  'pth of old': { good: weights('pth', 'legacy'), parse: (bytes) => parsePyTorch(bytes) },
  'pth pickle': { good: pickles, parse: readPickle },
  index: { good: serializeIndex(index.snapshot()), parse: (bytes) => parseIndex(bytes) },
  'config.json': { good: bytesOf(clipConfig), parse: (bytes) => parseClipConfig(JSON.parse(text(bytes))), json: true },
  'preprocessor_config.json': { good: bytesOf(processorConfig), parse: (bytes) => imageProcessor(JSON.parse(text(bytes))), json: true },
  'picture header': { good: pictures, parse: sniffImage },
  wav: { good: sounds, parse: readWavFile },
  'sound header': { good: compressed, parse: (bytes) => soundFacts(bytes, audioFormat(bytes) ?? 'mp3') },
  'picture orientation': { good: pictures, parse: readOrientation },
  'picture of PNG': { good: decodedHere('PNG'), parse: (bytes) => decode(withChecksums(bytes)) },
  'picture of any format': { good: pictures, parse: decode },
  'picture of BMP': { good: decodedHere('BMP'), parse: decode },
};

function damagedTarget([name, { good, parse, json }]) {
  return {
    name,
    input(seed, run) {
      const random = createRandom(seed).fork(name).fork(run);
      return damage(Array.isArray(good) ? good[random.integer(good.length)] : good, random);
    },
    read: (bytes) => outcomeOf(parse, bytes, json),
  };
}

const asBytes = (operation) => Uint8Array.from(operation, (character) => character.charCodeAt(0));
/** Operations of pickles, with their operands, that put something onto the stack, and those that take from it. */
const pickleGives = [
  ...'N K\x01 ] ) } ( \x88 \x8f'.split(' '),
  'X\x01\0\0\0a',
  '\x8a\x0a12345678\0\0',
  ...['collections\nOrderedDict', 'torch\nSize', 'torch\ndevice', '_codecs\nencode', 'builtins\nset', 'torch\nfloat32'].map(
    (global) => `c${global}\n`,
  ),
  "(S'storage'\nctorch\nFloatStorage\nS'0'\nS'cpu'\nI4\ntQ",
  'ctorch._utils\n_rebuild_tensor_v2\n',
  'I0\n(I2\nI2\nt(I0\nI1\nt\x89}',
].map(asBytes);
const pickleTakes = 't l d 0 1 2 a e s u b R Q \x81 \x85 \x86 \x87 \x90 \x91 \x92 \x94 q\0 q\x01 h\0 h\x01'.split(' ').map(asBytes);

const madePickles = {
  name: 'pth pickle, made',
  input(seed, run) {
    const random = createRandom(seed).fork('made pickles').fork(run);
    const parts = Array.from({ length: 1 + random.integer(40) }, () => {
      const operations = random.integer(5) < 3 ? pickleGives : pickleTakes;
      const operation = operations[random.integer(operations.length)];
      const times = random.integer(8) === 0 ? 2 ** random.integer(15) : 1;
      return Buffer.concat(Array.from({ length: times }, () => operation));
    });
    return new Uint8Array(Buffer.concat([...parts, Buffer.from('.')]));
  },
  read: (bytes) => outcomeOf(readPickle, bytes),
};

/**
 * Every parser of outside files: the input of a run, which follows from the seed and the run's number alone, and what reads it, which throws
 * only what must not be thrown.
 * @type {readonly { name: string, input(seed: number, run: number): Uint8Array, read(file: Uint8Array, run: number): Outcome | Promise<Outcome> }[]}
 * @typedef {'accepted' | 'refused'} Outcome
 */
export const targets = [
  ...Object.entries(damaged).map(damagedTarget),
  madePickles,
  ...weightTargets(pickles),
  ...Object.keys(tokenizerParsers).map((name) => ({
    name,
    input: (seed, run) => fuzzInput(name, seed, run),
    read: (file, run) => fuzzOne(name, file, run),
  })),
];
