import type { Audio, ModelInputs } from '@polymodal/modality-registry';
import type { AudioPreprocessorConfig } from '../src/processor/config.js';
import type { AudioProcessorOptions } from '../src/processor/extractor.js';
import { signal } from './feature-goldens.js';
import cases from './goldens/processors/transformers.json' with { type: 'json' };

interface GoldenOutput {
  readonly dims: readonly number[];
  /** Ones of each row, of a mask. */
  readonly sums?: readonly number[];
  readonly largest?: number;
  readonly probe?: { readonly index: readonly number[]; readonly value: readonly number[] };
}

/** What transformers 4.57 gave for clips of the goldens' signals. */
export interface Golden {
  readonly config: AudioPreprocessorConfig;
  readonly clips: readonly (readonly [name: string, start: number, length: number])[];
  readonly options: AudioProcessorOptions;
  readonly outputs: Readonly<Record<string, GoldenOutput>>;
}

/** A piece of a signal, as if it had the given rate. */
export const clip = ([name, start, length]: Golden['clips'][number], sampleRate: number): Audio => ({
  data: signal(name).subarray(start, start + length),
  sampleRate,
});
/** The ones of each row of a mask. */
export const sumsOf = ({ dims, data }: ModelInputs[string]): number[] =>
  Array.from({ length: dims[0]! }, (_, i) => {
    let sum = 0;
    for (let j = 0; j < dims[1]!; j++) sum += Number(data[i * dims[1]! + j]);
    return sum;
  });

export const goldens = cases as unknown as readonly Golden[];
