import { libraryConfig } from '../../tsup.base.js';

export default libraryConfig({ bench: 'src/bench.ts' }, { platform: 'node', dts: false });
