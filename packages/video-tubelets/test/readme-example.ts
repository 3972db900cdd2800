import { framesToTensor, sampleFrames, tubelets, untubelets, videoProcessor } from '@polymodal/video-tubelets';
import { openAnimation } from '@polymodal/video-tubelets/node';
import sharp from 'sharp';

// Any animated GIF or WebP; here one that is made on the spot, 12 grey frames of 64×48. A video file: openVideo of /ffmpeg.
const strip = { data: Buffer.from(Array.from({ length: 12 }, (_, i) => Array(64 * 48).fill(20 * i)).flat()), height: 12 * 48 };
const bytes = await sharp(strip.data, { raw: { width: 64, height: strip.height, channels: 1, pageHeight: 48 } })
  .webp({ lossless: true, delay: Array(12).fill(40) })
  .toBuffer();

const { info, frames, frameRate } = await openAnimation(bytes); // frames are decoded as they are read
console.log(info, frameRate);

const picked = await sampleFrames(frames, 4, { total: info.frames }); // frames 0, 3, 7 and 11
console.log(picked.map(({ data }) => data[0]));

const { values, grid } = tubelets(picked, { patchSize: 16, tubeSize: 2 }); // ViViT's
console.log(values.dims, grid);

const options = { patchSize: 16, tubeSize: 3, firstFrameAlone: true }; // Phenaki's: one frame, then tubes of three
const tokens = tubelets(picked, options);
console.log(tokens.grid, untubelets(tokens, options).dims, framesToTensor(picked).dims);

const process = videoProcessor({ image_processor_type: 'VideoMAEImageProcessor', size: 224 });
console.log(process(picked).dims);
