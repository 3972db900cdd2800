import type { PolymodalError } from '@polymodal/modality-registry';
import { openAnimation } from '../src/browser.js';
import { tubelets } from '../src/index.js';
import goldens from './goldens/animations.json';

const bytesOf = (base64: string) => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
const inNode = typeof process !== 'undefined' && process.versions?.node !== undefined;

function assertEqual(what: string, found: unknown, expected: unknown): void {
  const [a, b] = [JSON.stringify(found), JSON.stringify(expected)];
  if (a !== b) throw new Error(`${what}: ${a} instead of ${b}`);
}

async function codeOf(work: () => Promise<unknown>): Promise<string> {
  try {
    await work();
  } catch (error) {
    return (error as PolymodalError).code;
  }
  return 'no error';
}

async function readFrames(file: Uint8Array) {
  const { info, frames } = await openAnimation(file);
  const read = [];
  for await (const frame of frames) read.push(frame);
  return { info, read };
}

/** RGBA on black, the background of the GIF: where a frame is cleared browsers leave nothing, and Pillow the background's colour. */
function overBlack(rgba: Uint8Array | Uint8ClampedArray): number[] {
  return Array.from({ length: rgba.length / 4 }, (_, p) => [...rgba.subarray(p * 4, p * 4 + 4)]).flatMap((pixel) =>
    pixel[3] === 0 ? [0, 0, 0, 255] : pixel,
  );
}

/** In Node, which has no ImageDecoder, the error says so; in a page and a worker the frames are Pillow's, as those of `/node` are. */
function animationCase(format: 'gif' | 'webp') {
  return {
    name: `${format}: frames as Pillow composes them`,
    async run() {
      const { file, frames } = goldens[format];
      if (inNode) {
        assertEqual('code', await codeOf(() => openAnimation(bytesOf(file))), 'VIDEO_IMAGE_DECODER_MISSING');
        return;
      }
      const { info, read } = await readFrames(bytesOf(file));
      const { info: same } = await openAnimation(Uint8Array.from(bytesOf(file)).buffer);
      assertEqual('an ArrayBuffer', same, info);
      assertEqual('info', info, { format, width: goldens.width, height: goldens.height, frames: 5 });
      const seconds = read.map((frame) => frame.seconds);
      assertEqual('seconds', seconds, goldens.seconds);
      for (const [i, frame] of read.entries()) assertEqual(`frame ${i}`, overBlack(frame.data), overBlack(bytesOf(frames[i]!)));
      assertEqual('grid', tubelets(read.slice(0, 4), { patchSize: 2, tubeSize: 2 }).grid, [2, 4, 5]);
    },
  };
}

const cut = bytesOf(goldens.gif.file);

export default [
  animationCase('gif'),
  animationCase('webp'),
  { name: 'text is no animation', run: () => codeOf(() => openAnimation(new TextEncoder().encode('these are notes, no picture'))) },
  { name: 'a number is no animation', run: () => codeOf(() => openAnimation(42 as never)) },
  {
    name: 'limits are checked before decoding',
    async run() {
      const code = await codeOf(() => openAnimation(cut, { maxFrames: 4 }));
      assertEqual('code', code, inNode ? 'VIDEO_IMAGE_DECODER_MISSING' : 'VIDEO_TOO_LARGE');
    },
  },
  {
    name: 'a file that is cut short',
    async run() {
      const code = await codeOf(() => readFrames(cut.subarray(0, 60)));
      assertEqual('code', code, inNode ? 'VIDEO_IMAGE_DECODER_MISSING' : 'VIDEO_DECODE');
    },
  },
];
