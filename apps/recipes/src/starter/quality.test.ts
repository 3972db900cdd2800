import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { cardOf, type EvaluationFile, evaluateFolder } from './eval-starter.js';
import { starterFolder } from './folders.js';
import type { Recall } from './measure.js';

/** The weights that packages/starter ships, measured here and now on the 1,322 pictures of Noto. */
let measured: EvaluationFile;
let written: EvaluationFile;
beforeAll(async () => {
  written = JSON.parse(readFileSync(join(starterFolder(), 'eval.json'), 'utf8'));
  measured = await evaluateFolder(starterFolder());
}, 120_000);

describe('the committed starter', () => {
  test('reaches what was asked of it', () => {
    expect(measured.candidates).toBe(1322);
    expect(measured.en.textToImage.r1).toBeGreaterThanOrEqual(0.6);
    expect(measured.en.textToImage.r10).toBeGreaterThanOrEqual(0.82);
    expect(measured.zh.textToImage.r10).toBeGreaterThanOrEqual(0.7);
    expect(measured.en.imageToText.r1).toBeGreaterThanOrEqual(0.58);
  });

  test('is the model that eval.json was measured on, with those numbers', () => {
    expect(written.fingerprint).toBe(measured.fingerprint);
    expect(written.candidates).toBe(measured.candidates);
    const recalls = ({ en, zh, pictureToPicture }: EvaluationFile): Recall[] => [
      en.textToImage,
      en.imageToText,
      zh.textToImage,
      zh.imageToText,
      pictureToPicture,
    ];
    // Another processor sums in another order, which may swap two pictures of nearly equal score.
    const fewSwaps = 2.5 / 1322;
    recalls(written).forEach((expected, i) => {
      const found = recalls(measured)[i]!;
      for (const k of ['r1', 'r5', 'r10'] as const) expect(Math.abs(found[k] - expected[k])).toBeLessThan(fewSwaps);
    });
  });

  test('has the model card that its numbers and settings give', async () => {
    expect(readFileSync(join(starterFolder(), 'README.md'), 'utf8')).toBe(await cardOf(starterFolder(), written));
  });
});
