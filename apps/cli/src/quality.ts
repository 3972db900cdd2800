import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { table } from './terminal/text.js';

export interface Recall {
  readonly r1: number;
  readonly r5: number;
  readonly r10: number;
}

export interface Directions {
  readonly textToImage: Recall;
  readonly imageToText: Recall;
}

/** What `npm run eval:starter` measured, as it stands in the model's folder; recalls are fractions. */
export interface Quality {
  readonly en: Directions;
  readonly zh: Directions;
  readonly candidates: number;
}

/** The measured quality of the model in a folder; undefined where the folder has none, or none that can be read. */
export async function readQuality(folder: string): Promise<Quality | undefined> {
  try {
    const value = JSON.parse(await readFile(join(folder, 'eval.json'), 'utf8')) as Quality;
    const recalls = [value.en, value.zh].flatMap(({ textToImage, imageToText }) => [textToImage, imageToText]);
    const numbers = recalls.flatMap(({ r1, r5, r10 }) => [r1, r5, r10]);
    return numbers.every((n) => n >= 0 && n <= 1) && Number.isInteger(value.candidates) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The quality as lines of a table. */
export function qualityRows({ en, zh, candidates }: Quality): string[] {
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  const row = (label: string, { r1, r5, r10 }: Recall) => [label, percent(r1), percent(r5), percent(r10)];
  return table(
    [
      [`of ${candidates.toLocaleString('en')} candidates`, 'R@1', 'R@5', 'R@10'],
      row('English → picture', en.textToImage),
      row('picture → English', en.imageToText),
      row('中文 → picture', zh.textToImage),
      row('picture → 中文', zh.imageToText),
    ],
    ['left', 'right', 'right', 'right'],
  );
}
