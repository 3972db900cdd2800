import { libraryConfig } from '../../tsup.base.js';

export default libraryConfig({ main: 'src/main.ts' }, { platform: 'node', dts: false, external: [/^@polymodal\//, /^node:/, 'fontkit'] });
