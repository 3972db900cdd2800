import { createRegistry } from '@polymodal/modality-registry';
import { conformance } from '@polymodal/modality-registry/conformance';
import { type DepthMap, depth } from './depth-plugin.js';

const flat: DepthMap = { metres: new Float32Array(16).fill(2), width: 4, height: 4 };
const ramp: DepthMap = { metres: Float32Array.from({ length: 16 }, (_, i) => i / 2), width: 4, height: 4 };

const cases = conformance(depth, { samples: [flat, ramp] });
for (const { run } of cases) await run(); // in a test runner: test(name, run)
console.log(`${cases.length} promises kept, such as: ${cases[4]?.name}`);

const registry = createRegistry([depth]);
const { vectors } = await registry.embedder('depth').embed([flat, ramp]); // typed: takes DepthMap[]
console.log(vectors.dims, [...vectors.data]);
for (const { summary } of registry.route({ from: 'depth', to: 'depth' })) console.log(summary);

try {
  registry.embedder('image', { space: 'emoji-clip-v1' });
} catch (error) {
  console.log(String(error));
}
