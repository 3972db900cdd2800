import { libraryConfig } from '../../tsup.base.js';

export default libraryConfig({
  index: 'src/index.ts',
  'byte-level': 'src/byte-level/index.ts',
  chat: 'src/chat/index.ts',
  clip: 'src/clip/index.ts',
  node: 'src/node/index.ts',
  sentencepiece: 'src/sentencepiece/index.ts',
  tiktoken: 'src/tiktoken/index.ts',
  whisper: 'src/whisper/index.ts',
  wordpiece: 'src/wordpiece/index.ts',
});
