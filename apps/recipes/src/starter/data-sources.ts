import { readJson } from '../emoji/data-package.js';

/** A package that training or measuring reads. */
export interface DataSource {
  readonly what: string;
  readonly packageName: string;
  readonly version: string;
  readonly licence: string;
  readonly attribution: string;
  readonly use: 'training' | 'measuring' | 'training and measuring';
}

const sources: readonly Omit<DataSource, 'version'>[] = [
  {
    what: 'Twemoji, pictures',
    packageName: 'emoji-datasource-twitter',
    licence: 'CC-BY-4.0',
    attribution: '© Twitter, Inc and other contributors, https://github.com/jdecked/twemoji',
    use: 'training',
  },
  {
    what: 'OpenMoji, pictures',
    packageName: 'openmoji',
    licence: 'CC-BY-SA-4.0',
    attribution: 'All emojis designed by OpenMoji, the open-source emoji and icon project, https://openmoji.org',
    use: 'training',
  },
  {
    what: 'Fluent Emoji 3D, pictures',
    packageName: '@lobehub/fluent-emoji-3d',
    licence: 'MIT',
    attribution: '© Microsoft Corporation, https://github.com/microsoft/fluentui-emoji',
    use: 'training',
  },
  {
    what: 'Fluent Emoji flat, pictures',
    packageName: 'fluentui-emoji',
    licence: 'MIT',
    attribution: '© Microsoft Corporation, https://github.com/microsoft/fluentui-emoji',
    use: 'training',
  },
  {
    what: 'emojibase, names and keywords in English and Chinese',
    packageName: 'emojibase-data',
    licence: 'MIT',
    attribution: '© Miles Johnson, https://emojibase.dev',
    use: 'training and measuring',
  },
  {
    what: 'emojilib, keywords in English',
    packageName: 'emojilib',
    licence: 'MIT',
    attribution: '© Mu-An Chiou, https://github.com/muan/emojilib',
    use: 'training',
  },
  {
    what: 'Noto Emoji, pictures',
    packageName: 'emoji-datasource-google',
    licence: 'Apache-2.0',
    attribution: '© Google LLC, https://github.com/googlefonts/noto-emoji',
    use: 'measuring',
  },
];

/**
 * What the starter is made from, with the versions that are installed.
 *
 * @throws DataError `DATA_MISSING`, `DATA_FORMAT`
 */
export function dataSources(): DataSource[] {
  return sources.map((source) => ({
    ...source,
    version: (readJson(source.packageName, 'package.json') as { readonly version: string }).version,
  }));
}
