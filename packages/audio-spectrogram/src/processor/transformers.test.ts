import { describe, expect, test } from '@jest/globals';
import { clip, type Golden, goldens, sumsOf } from '../../test/processor-goldens.js';
import { audioProcessor } from './audio-processor.js';

const { abs, max } = Math;

/** The random cuts of CLAP are not those of numpy. */
const isRandom = ({ config, options }: Golden, index: number) =>
  config.feature_extractor_type === 'ClapFeatureExtractor' && options.maxLength === 16_000 && index >= 34 * 64 && index < 4 * 34 * 64;

/** Of features. By torchaudio they differ most: its float32 transform leaves noise in quiet bands. Waveforms differ in float32's last digit. */
const tolerances: Readonly<Record<string, number>> = {
  WhisperFeatureExtractor: 5e-5,
  ClapFeatureExtractor: 5e-5,
  SeamlessM4TFeatureExtractor: 2e-4,
  ParakeetFeatureExtractor: 3e-4,
  ASTFeatureExtractor: 1e-3,
  Speech2TextFeatureExtractor: 1e-3,
};

describe('transformers gives the same', () => {
  test.each(goldens.map((golden, i) => ({ i, type: golden.config.feature_extractor_type, golden })))('$i: $type', ({ golden }) => {
    const processor = audioProcessor(golden.config);
    const inputs = processor.batch(
      golden.clips.map((one) => clip(one, processor.sampleRate)),
      golden.options,
    );
    expect(Object.keys(inputs)).toEqual(Object.keys(golden.outputs));
    for (const [name, { dims, sums, largest, probe }] of Object.entries(golden.outputs)) {
      const input = inputs[name]!;
      expect(input.dims).toEqual(dims);
      expect(input.data).toHaveLength(dims.reduce((product, dim) => product * dim, 1));
      if (sums) expect(sumsOf(input)).toEqual(sums);
      const tolerance = tolerances[golden.config.feature_extractor_type!] ?? 1e-6 * max(1, largest!);
      for (const [i, at] of (probe?.index ?? []).entries()) {
        if (!isRandom(golden, at)) expect(abs(Number(input.data[at]) - probe!.value[i]!)).toBeLessThan(tolerance);
      }
    }
  });
});
