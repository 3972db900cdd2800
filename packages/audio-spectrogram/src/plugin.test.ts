import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { createRegistry } from '@polymodal/modality-registry';
import { conformance } from '@polymodal/modality-registry/conformance';
import { audioPlugin, audioProcessor, audioProcessorPlugin, spectrogramPatches } from './index.js';
import { VERSION } from './plugin.js';

const sound = (length: number, sampleRate = 16_000) => ({
  data: Float32Array.from({ length }, (_, i) => Math.sin(i * (0.01 + length / 1e6)) / 2),
  sampleRate,
});
const samples = [sound(3200), sound(5000), sound(6400)];
const plugin = audioPlugin({ spectrogram: { feature_extractor_type: 'ASTFeatureExtractor', max_length: 64 } });

describe('the contract', () => {
  for (const { name, run } of conformance(plugin, { samples })) test(name, run);
  const waves = audioProcessorPlugin({ feature_extractor_type: 'Wav2Vec2FeatureExtractor', return_attention_mask: true });
  const even = [1, 2, 3].map((loudness) => ({ ...sound(3200), data: sound(3200).data.map((x) => x / loudness) }));
  for (const { name, run } of conformance(waves, { samples: even })) test(`wav2vec 2.0: ${name}`, run);
});

test('the registry finds both parts, which give what the functions give', async () => {
  const registry = createRegistry([plugin]);
  const { values, grid } = await registry.tokenizer('audio').encode(samples);
  expect([values?.dims, grid]).toEqual([
    [3, 60, 256],
    [1, 12, 5],
  ]);
  const ast = audioProcessor({ feature_extractor_type: 'ASTFeatureExtractor', max_length: 64 })(samples[1]!);
  const spectrogram = { type: 'float32' as const, dims: [64, 128], data: ast.input_values!.data as Float32Array };
  const patches = spectrogramPatches(spectrogram, { layout: 'frames-first' });
  expect(values?.data.subarray(60 * 256, 2 * 60 * 256)).toEqual(patches.values.data);
  const inputs = await registry.processor('audio').process(samples);
  expect(inputs).toEqual(audioProcessor({ feature_extractor_type: 'WhisperFeatureExtractor' }).batch(samples));
});

test("AST's tokens by default: 1,212 of 256", async () => {
  const { values, grid } = await audioPlugin().parts[0].encode([sound(8000)]);
  expect([values?.dims, grid]).toEqual([
    [1, 1212, 256],
    [1, 12, 101],
  ]);
});

test('sounds of several lengths are padded together where the model takes any length', async () => {
  const { parts } = audioProcessorPlugin({ feature_extractor_type: 'Wav2Vec2FeatureExtractor', return_attention_mask: true });
  const { input_values: values, attention_mask: mask } = await parts[0].process(samples);
  expect([values?.dims, mask?.dims]).toEqual([
    [3, 6400],
    [3, 6400],
  ]);
});

test.each([
  { feature_extractor_type: 'ClapFeatureExtractor', sampling_rate: 16_000, max_length_s: 1, hop_length: 160 },
  { feature_extractor_type: 'ClapFeatureExtractor', sampling_rate: 16_000, max_length_s: 1, truncation: 'rand_trunc' },
  { feature_extractor_type: 'ASTFeatureExtractor', max_length: 20 },
  { feature_extractor_type: 'Speech2TextFeatureExtractor', dither: 1 },
])('%j: what the processor part gives is the batch', async (config) => {
  const sounds = config.truncation ? [sound(17_000), sound(18_000), sound(16_500)] : samples;
  expect(await audioProcessorPlugin(config).parts[0].process(sounds)).toEqual(audioProcessor(config).batch(sounds));
});

test('a sound at another rate is refused with the remedy', async () => {
  for (const part of [plugin.parts[0].encode, plugin.parts[1].process]) {
    await expect(part([sound(100, 8000)])).rejects.toThrow(/resample\(audio, 16000\)/);
  }
});

test('what cannot be meant fails where it is written', () => {
  expect(() => audioPlugin(null as never)).toThrow(expect.objectContaining({ code: 'AUDIO_OPTION' }));
  expect(() => audioPlugin({ patchSize: 0 })).toThrow(expect.objectContaining({ code: 'AUDIO_OPTION' }));
  expect(() => audioPlugin({ processor: { feature_extractor_type: 'Ear' } })).toThrow(
    expect.objectContaining({ code: 'AUDIO_PROCESSOR_UNKNOWN' }),
  );
  expect(() => audioPlugin({ spectrogram: { feature_extractor_type: 'WhisperFeatureExtractor' } })).toThrow(/ASTFeatureExtractor/);
});

test('the version is that of the package', () => {
  expect(VERSION).toBe(JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version);
});
