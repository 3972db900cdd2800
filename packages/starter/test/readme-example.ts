import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { onnxBackend } from '@polymodal/autograd';
import { loadClip } from '@polymodal/clip/node';
import { decodeImage } from '@polymodal/image-patcher/node';
import { flatIndex } from '@polymodal/retrieval';
import { starterFolder } from '@polymodal/starter/node';
import * as ort from 'onnxruntime-node';

const clip = await loadClip(starterFolder, { backend: onnxBackend(ort) });

// Any pictures; these are of Noto Emoji, which the model was not trained on (npm install emoji-datasource-google).
const require = createRequire(import.meta.url);
const noto = dirname(require.resolve('emoji-datasource-google/package.json'));
const files = { sunflower: '1f33b', cat: '1f431', pizza: '1f355', rainbow: '1f308', umbrella: '2614' };
const images = [];
for (const file of Object.values(files)) images.push(await decodeImage(join(noto, 'img/google/64', `${file}.png`)));

const { vectors } = await clip.embedImages(images); // [5, 128]
const index = flatIndex({ space: clip.space, width: clip.width });
await index.add(Object.keys(files).map((id, i) => ({ id, vector: vectors.data.subarray(i * clip.width, (i + 1) * clip.width) })));

const queries = ['a slice of pizza', 'a rainbow in the sky', '猫脸', '下雨天'];
const asked = (await clip.embedText(queries)).vectors;
for (const [i, query] of queries.entries()) {
  const [hit] = await index.search(asked.data.subarray(i * clip.width, (i + 1) * clip.width), { k: 1 });
  console.log(query, '→', hit?.id);
}
await clip.dispose();
