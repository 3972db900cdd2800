import { conformance } from '@polymodal/modality-registry/conformance';
import { audioPlugin } from '../src/index.js';

const samples = [3200, 5000, 6400].map((length) => ({
  data: Float32Array.from({ length }, (_, i) => ((i * 37) % 101) / 101 - 0.5),
  sampleRate: 16_000,
}));

export default conformance(audioPlugin({ spectrogram: { feature_extractor_type: 'ASTFeatureExtractor', max_length: 64 } }), { samples });
