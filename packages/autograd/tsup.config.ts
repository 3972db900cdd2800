import { libraryConfig } from '../../tsup.base.js';

// The worker is a file of its own, found by `new URL('./worker.js', import.meta.url)` beside whatever chunk holds that line.
export default libraryConfig({ index: 'src/index.ts', worker: 'src/onnx/worker.js' }, { dts: { entry: { index: 'src/index.ts' } } });
