import { libraryConfig } from '../../tsup.base.js';

export default libraryConfig(
  {
    bench: 'src/bench.ts',
    'memory-worker': 'src/memory-worker.ts',
    'compile-w3-fresh': 'src/compile-w3-fresh.ts',
    'event-loop-idle': 'src/event-loop-idle.ts',
    'memory-w3-fresh': 'src/memory-w3-fresh.ts',
    'text-cold': 'src/text-cold.ts',
    'audio-resample-plain': 'src/audio-resample-plain.ts',
    'audio-features-plain': 'src/audio-features-plain.ts',
  },
  { platform: 'node', dts: false },
);
