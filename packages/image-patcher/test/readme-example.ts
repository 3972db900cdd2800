import { flatten, imageProcessor, patchify, resize, sniffImage } from '@polymodal/image-patcher';
import { decodeImage, encodePng } from '@polymodal/image-patcher/node';

// Any picture file; here one that is made on the spot, 64×48 in one colour.
const bytes = await encodePng({ data: new Uint8Array(64 * 48 * 3).fill(200), width: 64, height: 48 });
console.log(sniffImage(bytes));

const picture = await decodeImage(bytes); // or decodeImage('cat.jpg'), { maxPixels } …
const small = resize(picture, { width: 32, height: 24, filter: 'lanczos' }); // as Pillow, bit for bit
console.log(small.width, small.height, small.data[0]);

const clip = imageProcessor({ image_processor_type: 'CLIPImageProcessor', size: { shortest_edge: 224 }, crop_size: 224 });
const pixels = clip(flatten(picture)); // transparent pictures over white
console.log(pixels.type, pixels.dims, pixels.data[0]);
console.log(clip.batch([picture, small]).dims);

const { values, grid } = patchify(pixels, { patchSize: 16 });
console.log(values.dims, grid);
