import { libraryConfig } from '../../tsup.base.js';

export default libraryConfig(
  { emoji: 'src/emoji/index.ts', 'train-starter': 'src/train-starter.ts', 'eval-starter': 'src/eval-starter.ts' },
  { platform: 'node', dts: false },
);
