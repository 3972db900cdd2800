import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { signal } from '../../test/feature-goldens.js';
import cases from '../../test/goldens/processors/published.json' with { type: 'json' };
import { audioProcessor } from './audio-processor.js';

/** Formulas as the models' authors published them, beside what transformers makes of them. */

const { abs, exp, max } = Math;
const [wav2vec2] = cases.wav2vec2_normalise;

test('wav2vec2_normalise', () => {
  const { signal: of, probe } = wav2vec2!;
  const { input_values: values } = audioProcessor({ feature_extractor_type: 'Wav2Vec2FeatureExtractor' })({
    data: signal(of),
    sampleRate: 16_000,
  });
  expect(values!.dims).toEqual([1, 8000]);
  for (const [i, at] of probe.index.entries()) expect(abs(Number(values!.data[at]) - probe.value[i]!)).toBeLessThan(1e-6);
});

test.each(cases.ast_normalised)('ast_normalised: $signal', ({ signal: of, fbank, frames, mean, twiceStd }) => {
  const file = readFileSync(new URL(`../../test/goldens/kaldi/${fbank}`, import.meta.url));
  const features = new Float32Array(new Uint8Array(gunzipSync(file)).buffer); // [frames, 128]
  const samples = signal(of);
  const average = samples.reduce((sum, x) => sum + x, 0) / samples.length;
  const { input_values: values } = audioProcessor({ feature_extractor_type: 'ASTFeatureExtractor' })({
    data: samples.map((x) => x - average),
    sampleRate: 16_000,
  });
  expect(values!.dims).toEqual([1, 1024, 128]);
  expect(features).toHaveLength(frames * 128);
  const loudest = features.reduce((most, value) => max(most, value));
  let worst = 0;
  for (const [i, value] of values!.data.entries()) {
    const theirs = i < features.length ? features[i]! : 0;
    // Near silence the original's own float32 transform leaves noise: a difference counts as far as its band is heard.
    const weight = i < features.length ? Math.sqrt(exp(theirs - loudest)) : 1;
    worst = max(worst, abs(Number(value) - (theirs - mean) / twiceStd) * weight);
  }
  expect(worst).toBeLessThan(1e-5);
});
