import { libraryConfig } from '../../tsup.base.js';

export default libraryConfig({ emoji: 'src/emoji/index.ts' }, { platform: 'node', dts: false });
