import { libraryConfig } from '../../tsup.base.js';

export default libraryConfig({ index: 'src/index.ts', clip: 'src/clip/index.ts', node: 'src/node/index.ts', tiktoken: 'src/tiktoken/index.ts' });
