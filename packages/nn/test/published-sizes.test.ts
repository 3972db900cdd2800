import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import {
  convolution,
  gpt2,
  gpt2Configs,
  linear,
  llama,
  llamaConfigs,
  type Module,
  parameterCount,
  sequential,
  t5,
  t5Configs,
  vit,
  vitConfigs,
  whisper,
  whisperConfigs,
} from '../src/index.js';
import { dalleBlock } from './dalle-block.js';

/** Builds every model of a table and compares their numbers of parameters: of all, so that none is left out. */
function expectSizes<Config>(
  configs: Readonly<Record<string, Config>>,
  build: (config: Config) => Module,
  counts: Readonly<Record<string, number>>,
) {
  const built = Object.entries(configs).map(([name, config]) => [name, parameterCount(build(config))] as const);
  expect(Object.fromEntries(built)).toEqual(counts);
}

describe('published models have their published numbers of parameters', () => {
  test('ViT, with 1,000 classes', () => {
    expectSizes(vitConfigs, vit, {
      'tiny/16': 5_717_416,
      'small/16': 22_050_664,
      'base/16': 86_567_656,
      'base/32': 88_224_232,
      'large/16': 304_326_632,
      'huge/14': 632_045_800,
    });
  });

  test('Whisper', () => {
    expectSizes(whisperConfigs, whisper, {
      tiny: 37_184_640,
      'tiny.en': 37_184_256,
      base: 71_825_920,
      'base.en': 71_825_408,
      small: 240_582_912,
      'small.en': 240_582_144,
      medium: 762_321_920,
      'medium.en': 762_320_896,
      'large-v1': 1_541_384_960,
      'large-v2': 1_541_384_960,
      'large-v3': 1_541_570_560,
      'large-v3-turbo': 806_958_080,
    });
  });

  test('GPT-2', () => {
    expectSizes(gpt2Configs, gpt2, {
      gpt2: 124_439_808,
      'gpt2-medium': 354_823_168,
      'gpt2-large': 774_030_080,
      'gpt2-xl': 1_557_611_200,
    });
  });

  test('Llama, Mistral, Qwen2.5', () => {
    expectSizes(llamaConfigs, llama, {
      'llama-2-7b': 6_738_415_616,
      'llama-2-13b': 13_015_864_320,
      'llama-2-70b': 68_976_648_192,
      'llama-3-8b': 8_030_261_248,
      'llama-3.1-8b': 8_030_261_248,
      'llama-3.2-1b': 1_235_814_400,
      'llama-3.2-3b': 3_212_749_824,
      'mistral-7b-v0.3': 7_248_023_552,
      'qwen2.5-0.5b': 494_032_768,
      'qwen2.5-1.5b': 1_543_714_304,
      'qwen2.5-7b': 7_615_616_512,
    });
  });

  test('T5 and Flan-T5', () => {
    expectSizes(t5Configs, t5, {
      't5-small': 60_506_624,
      't5-base': 222_903_552,
      't5-large': 737_668_096,
      't5-3b': 2_851_598_336,
      't5-11b': 11_307_321_344,
      'flan-t5-small': 76_961_152,
      'flan-t5-base': 247_577_856,
      'flan-t5-large': 783_150_080,
      'flan-t5-xl': 2_849_757_184,
      'flan-t5-xxl': 11_135_332_352,
    });
  });

  test('from whole config.json files', () => {
    const files = JSON.parse(readFileSync(new URL('./published-configs.json', import.meta.url), 'utf8'));
    files['vit-base-patch16-224'].id2label = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [String(i), `class ${i}`]));
    const kinds: Readonly<Record<string, (config: never) => Module>> = { gpt2, llama, mistral: llama, qwen2: llama, t5, vit, whisper };
    expectSizes<{ readonly model_type: string }>(files, (file) => kinds[file.model_type]!(file as never), {
      gpt2: 124_439_808,
      'llama-2-7b': 6_738_415_616,
      'llama-2-7b-yarn-128k': 6_738_415_616,
      'llama-3.2-1b': 1_235_814_400,
      'tinyllama-1.1b': 1_100_048_384,
      'mistral-7b-v0.1': 7_241_732_096,
      'qwen2-0.5b': 494_032_768,
      't5-small': 60_506_624,
      'flan-t5-base': 247_577_856,
      'vit-base-patch16-224': 86_567_656,
      'whisper-tiny': 37_184_640,
    });
  });

  test("LLaVA's projectors and ClipCap's", () => {
    const projectors = {
      'LLaVA 13B': linear(1024, 5120),
      'LLaVA 1.5 7B': sequential(linear(1024, 4096), linear(4096, 4096)),
      'LLaVA 1.5 13B': sequential(linear(1024, 5120), linear(5120, 5120)),
      ClipCap: sequential(linear(512, 3840), linear(3840, 7680)),
    };
    expectSizes(projectors, (projector) => projector, {
      'LLaVA 13B': 5_248_000,
      'LLaVA 1.5 7B': 20_979_712,
      'LLaVA 1.5 13B': 31_467_520,
      ClipCap: 31_468_800,
    });
  });

  test("DALL-E's discrete autoencoder", () => {
    const group = (inputs: number, outputs: number, kernels: readonly number[]) =>
      sequential(dalleBlock(inputs, outputs, outputs / 4, kernels), dalleBlock(outputs, outputs, outputs / 4, kernels));
    const groups = (widths: readonly number[], kernels: readonly number[]) =>
      widths.slice(1).map((width, i) => group(widths[i]!, width, kernels));
    const point = (inputs: number, outputs: number) => convolution(inputs, outputs, { kernel: [1, 1] });
    const halves = {
      encoder: sequential(
        convolution(3, 256, { kernel: [7, 7], padding: 3 }),
        ...groups([256, 256, 512, 1024, 2048], [3, 3, 3, 1]),
        point(2048, 8192),
      ),
      decoder: sequential(point(8192, 128), ...groups([128, 2048, 1024, 512, 256], [1, 3, 3, 3]), point(256, 6)),
    };
    expectSizes(halves, (half) => half, { encoder: 53_786_240, decoder: 43_829_766 });
  });
});
