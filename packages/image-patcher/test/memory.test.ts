import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** Bytes of a decoded 4000×3000 picture, and how far preprocessing it takes the memory use of a fresh process up. */
function measured(channels: number, config: object): { bytes: number; grown: number } {
  const loader = ['--conditions=@polymodal/source', '--expose-gc', '--import', path('../../../scripts/source-loader.mjs')];
  const script = [path('peak-memory.ts'), String(channels), JSON.stringify(config)];
  return JSON.parse(execFileSync(process.execPath, [...loader, ...script], { encoding: 'utf8' }));
}

const crop = { size: { shortest_edge: 224 }, crop_size: 224 };

const clip = { image_processor_type: 'CLIPImageProcessor', ...crop };
const llava = { image_processor_type: 'LlavaImageProcessor', do_pad: true, ...crop };
const llavaNext = { image_processor_type: 'LlavaNextImageProcessor' };
const kept = { image_processor_type: 'ViTImageProcessor', size: 224, do_convert_rgb: false, do_normalize: false };

test.each([
  ['CLIP of grey', 1, clip],
  ['CLIP of grey with alpha', 2, clip],
  ['CLIP of RGB', 3, clip],
  ['CLIP of RGBA, which is converted', 4, clip],
  ['LLaVA of grey on a square of its mean colour', 1, llava],
  ['LLaVA of RGB on a square of its mean colour', 3, llava],
  ['AnyRes of grey', 1, llavaNext],
  ['grey resized as grey', 1, kept],
  ['grey resized with its alpha', 2, kept],
  ['RGBA resized with its alpha', 4, kept],
])('%s at 4000×3000 takes at most twice the decoded picture beside it', (_, channels, config) => {
  const { bytes, grown } = measured(channels, config);
  expect(grown).toBeLessThanOrEqual(2 * bytes);
});
