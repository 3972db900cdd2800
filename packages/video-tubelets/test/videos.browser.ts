import type { Image, PolymodalError } from '@polymodal/modality-registry';
import { sampleFrames, tubelets } from '../src/index.js';
import { type OpenVideoOptions, openVideo } from '../src/webcodecs.js';
import goldens from './goldens/videos.json';

interface Golden {
  readonly file: string;
  readonly codec: string;
  readonly width: number;
  readonly height: number;
  readonly frameRate: number;
  readonly times: readonly number[];
  /** Of each frame's RGB, as ffmpeg 5.1 gives it. */
  readonly sha256: readonly string[];
}

type Name = keyof typeof goldens;

const inNode = typeof process !== 'undefined' && process.versions?.node !== undefined;
const bytesOf = (base64: string) => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
const fileOf = (name: Name) => bytesOf(goldens[name].file);
const goldenOf = (name: Name) => goldens[name] as Golden;

function assertEqual(what: string, found: unknown, expected: unknown): void {
  const [a, b] = [JSON.stringify(found), JSON.stringify(expected)];
  if (a !== b) throw new Error(`${what}: ${a} instead of ${b}`);
}

async function hashesOf(frames: readonly Image[]): Promise<string[]> {
  const hashes = frames.map(async ({ data }) => new Uint8Array(await crypto.subtle.digest('SHA-256', new Uint8Array(data))));
  return (await Promise.all(hashes)).map((hash) => Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join(''));
}

async function codeOf(work: () => Promise<unknown>): Promise<string> {
  try {
    await work();
  } catch (error) {
    return (error as PolymodalError).code ?? String(error);
  }
  return 'no error';
}

async function read(file: Uint8Array | Blob, options: OpenVideoOptions = {}) {
  const { info, frames } = await openVideo(file, options);
  const list = [];
  for await (const frame of frames) list.push(frame);
  return { info, frames: list };
}

/** A case of pages and workers; Node has no VideoDecoder, and its error says so. */
function browserCase(name: string, run: () => Promise<void>) {
  return {
    name,
    async run() {
      if (inNode) assertEqual('code', await codeOf(() => openVideo(fileOf('vp9.webm'))), 'VIDEO_DECODER_MISSING');
      else await run();
    },
  };
}

/** What must be refused with a code. */
function refused(name: string, code: string, work: () => Promise<unknown>) {
  return browserCase(`${name} is refused`, async () => assertEqual('code', await codeOf(work), code));
}

function exactCase(name: Name) {
  return browserCase(`${name}: the frames of ffmpeg, to the bit`, async () => {
    const { codec, width, height, frameRate, times, sha256 } = goldenOf(name);
    const { info, frames } = await read(new Blob([fileOf(name)]));
    // The header of a fragmented file does not say how long it is.
    const length = name === 'h264-fragmented.mp4' ? {} : { seconds: times.length / frameRate, frames: times.length };
    assertEqual('info', info, { width, height, frameRate, ...length, codec });
    assertEqual(
      'times',
      frames.map(({ time }) => time),
      times.map((time) => Math.round((time - times[0]!) * 1e6) / 1e6),
    );
    assertEqual('sizes', new Set(frames.map((frame) => `${frame.width}×${frame.height}×${frame.channels}`)).size, 1);
    assertEqual('frames', await hashesOf(frames), sha256);
  });
}

interface Decoder {
  readonly state: string;
  decode(chunk: unknown): void;
}

/** Runs `work`, lets what it left behind end, and tells how many chunks were decoded meanwhile, and what became of the decoders. */
async function watchDecoders(work: () => Promise<void>): Promise<{ decoded: number; states: string[] }> {
  const { prototype } = (globalThis as unknown as { VideoDecoder: { prototype: Decoder } }).VideoDecoder;
  const { decode } = prototype;
  const decoders = new Set<Decoder>();
  let decoded = 0;
  prototype.decode = function (this: Decoder, chunk) {
    decoders.add(this);
    decoded++;
    decode.call(this, chunk);
  };
  try {
    await work();
  } finally {
    prototype.decode = decode;
  }
  await new Promise((resolve) => setTimeout(resolve, 200));
  return { decoded, states: [...decoders].map(({ state }) => state) };
}

const whole = fileOf('h264.mp4');
const expected = goldenOf('h264.mp4').sha256;
const part = (file: Uint8Array, share: number) => file.subarray(0, Math.floor(file.length * share));

function damaged(file: Uint8Array): Uint8Array {
  const copy = new Uint8Array(file);
  copy.fill(0xff, Math.floor(copy.length * 0.6), Math.floor(copy.length * 0.8));
  return copy;
}

/** More samples in a chunk, in the table `stsc`, than the file has. */
function chunkOfMillions(file: Uint8Array): Uint8Array {
  const copy = new Uint8Array(file);
  copy[String.fromCharCode(...copy).indexOf('stsc') + 17] = 64;
  return copy;
}

async function countUntil(file: Uint8Array): Promise<{ code: string; count: number }> {
  let count = 0;
  const code = await codeOf(async () => {
    for await (const _ of (await openVideo(file)).frames) count++;
  });
  return { code, count };
}

export default [
  exactCase('vp8.webm'),
  exactCase('vp9.webm'),
  exactCase('vp9-bt709.webm'),
  exactCase('vp9-lossless-444.webm'),
  exactCase('vp9-10bit.webm'),
  exactCase('av1.webm'),
  exactCase('h264.mp4'),
  exactCase('h264-fullrange.mp4'),
  exactCase('h264-fragmented.mp4'),
  exactCase('turned-90.mp4'),
  exactCase('turned-180.mp4'),
  exactCase('turned-270.mp4'),
  exactCase('vp9-rgb.webm'),
  browserCase('a part is read from its start, up to an end and a number of frames', async () => {
    const hashes = async (options: OpenVideoOptions) => hashesOf((await read(whole, options)).frames);
    assertEqual('start', await hashes({ start: 0.7 }), expected.slice(7));
    assertEqual('between two frames', await hashes({ start: 0.65 }), expected.slice(7));
    assertEqual('seconds', await hashes({ start: 0.2, seconds: 0.3 }), expected.slice(2, 5));
    assertEqual('maxFrames', await hashes({ maxFrames: 3 }), expected.slice(0, 3));
  }),
  browserCase('each loop decodes anew, two at a time too', async () => {
    const { frames } = await openVideo(whole);
    const once = async () => hashesOf(await sampleFrames(frames, 3, { total: 12 }));
    const picked = [0, 5, 11].map((i) => expected[i]);
    assertEqual('frames', await Promise.all([once(), once()]), [picked, picked]);
  }),
  browserCase('a video becomes tubelets', async () => {
    const { frames } = await read(whole, { maxFrames: 4 });
    assertEqual('grid', tubelets(frames, { patchSize: 16, tubeSize: 2 }).grid, [2, 3, 4]);
  }),
  browserCase('the decoder waits for a slow reader, and is freed when that leaves', async () => {
    const { frames } = await openVideo(fileOf('long.webm'));
    const watched = await watchDecoders(async () => {
      for await (const _ of frames) {
        // Half a second is enough to decode all 400 frames, if nobody held the decoder back.
        await new Promise((resolve) => setTimeout(resolve, 500));
        break;
      }
    });
    if (watched.decoded > 100) throw new Error(`${watched.decoded} of 400 frames were decoded for one`);
    assertEqual('states', watched.states, ['closed']);
  }),
  browserCase('an aborted signal frees the decoder at once', async () => {
    const controller = new AbortController();
    const { frames } = await openVideo(fileOf('long.webm'), { signal: controller.signal });
    const iterator = frames[Symbol.asyncIterator]();
    const watched = await watchDecoders(async () => {
      await iterator.next();
      controller.abort();
    });
    assertEqual('states', watched.states, ['closed']);
    assertEqual('next', await iterator.next().catch((error) => error.name), 'AbortError');
  }),
  browserCase('an aborted signal ends the frames, and is the reason', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const { frames } = await openVideo(whole, { signal: controller.signal });
    let count = 0;
    try {
      for await (const _ of frames) if (++count === 2) controller.abort(reason);
      throw new Error('it went on');
    } catch (error) {
      if (error !== reason) throw error;
    }
    assertEqual('frames', count, 2);
    assertEqual('opened after', await openVideo(whole, { signal: controller.signal }).catch((error) => error === reason), true);
  }),
  browserCase('a file that is cut short fails after its last frame, or gives what there is', async () => {
    for (const name of ['h264.mp4', 'vp9.webm', 'h264-fragmented.mp4'] as const) {
      const cut = part(fileOf(name), 0.8);
      const { code, count } = await countUntil(cut);
      assertEqual(name, code, 'VIDEO_TRUNCATED');
      const { sha256 } = goldenOf(name);
      if (count === 0 || count >= sha256.length) throw new Error(`${name}: ${count} frames`);
      const { frames } = await read(new Blob([cut]), { allowTruncated: true });
      assertEqual(name, await hashesOf(frames), sha256.slice(0, count));
    }
  }),
  browserCase('a damaged file says so, or gives what came before', async () => {
    assertEqual('code', (await countUntil(damaged(fileOf('vp9.webm')))).code, 'VIDEO_DECODE');
  }),
  browserCase('a file with junk behind its last frame gives all of them, and says so', async () => {
    // From 2378 on its index stands.
    const file = fileOf('vp9.webm').fill(0, 2378);
    const { sha256 } = goldenOf('vp9.webm');
    assertEqual('end', await countUntil(file), { code: 'VIDEO_DECODE', count: sha256.length });
    const { frames } = await read(new Blob([file]), { allowTruncated: true });
    assertEqual('frames', await hashesOf(frames), sha256);
  }),
  refused('a size of 0 where tracks should be', 'VIDEO_EMPTY', () => openVideo(fileOf('vp9.webm').fill(0, 250, 251))),
  refused('a part of four million frames', 'VIDEO_DECODE', () => openVideo(chunkOfMillions(whole))),
  refused('a text', 'VIDEO_FORMAT', () => openVideo(new TextEncoder().encode('these are notes, no video\n'.repeat(20)))),
  refused('an empty file', 'VIDEO_FORMAT', () => openVideo(new Uint8Array())),
  refused('a codec that the browser does not know', 'VIDEO_FORMAT', () => openVideo(fileOf('mpeg4.mp4'))),
  refused("alpha where the page's policy forbids workers from blobs", 'VIDEO_DECODE', () => read(fileOf('vp9-alpha.webm'))),
  refused('sound alone', 'VIDEO_EMPTY', () => openVideo(fileOf('sound.webm'))),
  refused('a start after the end', 'VIDEO_EMPTY', () => read(whole, { start: 100 })),
  refused('frames of too many pixels', 'VIDEO_TOO_LARGE', () => openVideo(whole, { maxPixels: 1000 })),
  refused('a file that is cut short before its index', 'VIDEO_TRUNCATED', () => openVideo(part(fileOf('mpeg4.mp4'), 0.5))),
  ...[
    { name: 'a start of NaN', options: { start: Number.NaN } },
    { name: 'no seconds', options: { seconds: 0 } },
    { name: 'half a frame', options: { maxFrames: 0.5 } },
  ].map(({ name, options }) => ({ name: `${name} is refused`, run: () => codeOf(() => openVideo(whole, options)) })),
  { name: 'a path is no file', run: () => codeOf(() => openVideo('cat.mp4' as never)) },
];
