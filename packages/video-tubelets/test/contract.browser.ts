import { conformance } from '@polymodal/modality-registry/conformance';
import { splitFirstFrame, tubelets, untubelets, videoPlugin, videoProcessor } from '../src/index.js';
import { noise } from './noise.js';

const processor = { image_processor_type: 'VideoMAEImageProcessor', size: 24, crop_size: 16 };
const samples = [1, 2, 3].map((seed) => ({ frames: noise(5, 24, 16, 3, seed) }));
const frames = noise(5, 320, 240);
const options = { patchSize: 16, tubeSize: 2, firstFrameAlone: true };

export default [
  ...conformance(videoPlugin({ patchSize: 8, firstFrameAlone: true, processor }), { samples }),
  { name: 'tubelets', run: () => tubelets(frames, options) },
  { name: 'the first frame and the tubes', run: () => splitFirstFrame(tubelets(frames, options), options) },
  { name: 'tubelets and back', run: () => untubelets(tubelets(frames, options), options) },
  { name: 'VideoMAE preprocessing of 320×240', run: () => videoProcessor({ image_processor_type: 'VideoMAEImageProcessor' })(frames) },
  { name: 'ViViT preprocessing of 320×240', run: () => videoProcessor({ image_processor_type: 'VivitImageProcessor' })(frames) },
];
