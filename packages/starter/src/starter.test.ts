import { readdirSync, readFileSync, statSync } from 'node:fs';
import { isAbsolute, join, relative, sep } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { starterFolder } from './node.js';
import { starter } from './starter.js';

const filesUnder = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort();
const json = (name: string) => JSON.parse(readFileSync(join(starterFolder, name), 'utf8'));

describe('the model folder', () => {
  test('has an absolute path and holds the files that are listed, and no others', () => {
    expect(isAbsolute(starterFolder)).toBe(true);
    expect(filesUnder(starterFolder)).toEqual(starter.files);
  });

  test('weighs 8 MB at most', () => {
    const bytes = filesUnder(starterFolder).reduce((total, name) => total + statSync(join(starterFolder, name)).size, 0);
    expect(bytes).toBeGreaterThan(1_000_000);
    expect(bytes).toBeLessThanOrEqual(8_000_000);
  });

  test('is of the model that the package says', () => {
    expect(json('config.json')).toMatchObject({
      model_type: 'clip',
      space_name: starter.space,
      projection_dim: starter.width,
      vision_config: { image_size: starter.imageSize },
    });
    expect(json('preprocessor_config.json')).toMatchObject({ crop_size: { height: starter.imageSize, width: starter.imageSize } });
  });

  test('names its data, their licences and who made them', () => {
    const card = readFileSync(join(starterFolder, 'README.md'), 'utf8');
    for (const words of [
      'license: apache-2.0',
      'Twemoji',
      'CC-BY-4.0',
      'OpenMoji',
      'CC-BY-SA-4.0',
      'Fluent',
      'emojibase',
      'Noto was held out',
    ])
      expect(card).toContain(words);
  });
});
