import type { DataSource } from './data-sources.js';
import type { Evaluation } from './evaluate.js';
import type { Recall } from './measure.js';
import type { StarterSettings } from './settings.js';
import type { TrainingRecord } from './training-record.js';

export interface ModelCardFacts {
  readonly evaluation: Evaluation;
  readonly training: TrainingRecord;
  readonly sources: readonly DataSource[];
  /** The name of the space, such as `emoji-clip-v1`. */
  readonly name: string;
  readonly width: number;
  /** How many numbers the model has learnt. */
  readonly parameters: number;
}

const frontMatter = `---
license: apache-2.0
language:
- en
- zh
library_name: transformers.js
pipeline_tag: zero-shot-image-classification
tags:
- clip
- contrastive
- image-text-retrieval
- emoji
- polymodal
---`;

/** A row of a table; what would end a cell is written out. */
const row = (...cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
const share = (value: number) => value.toFixed(3);
const recallRow = (label: string, { r1, r5, r10 }: Recall) => row(label, share(r1), share(r5), share(r10));
const rule = (columns: number) => `|${'---|'.repeat(columns)}`;

/** Every setting as a row; those of a group under its name. */
function settingRows(settings: StarterSettings): string[] {
  const rowsOf = (prefix: string, value: unknown): string[] => {
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return Object.entries(value).flatMap(([key, inner]) => rowsOf(prefix === '' ? key : `${prefix}.${key}`, inner));
    return [row(`\`${prefix}\``, Array.isArray(value) ? value.join(' to ') : String(value))];
  };
  return rowsOf('', settings);
}

function duration({ minutes, cores }: TrainingRecord): string {
  const where = `on ${cores} processor core${cores === 1 ? '' : 's'}, without a GPU`;
  return minutes === null
    ? `This model was trained in several sittings, ${where}.`
    : `This model was trained in ${Math.round(minutes)} minutes ${where}.`;
}

function qualitySection({ en, zh, candidates, pictureToPicture }: Evaluation): string {
  return [
    row(`of ${candidates.toLocaleString('en')} candidates`, 'Recall@1', 'Recall@5', 'Recall@10'),
    rule(4),
    recallRow('English name → picture', en.textToImage),
    recallRow('picture → English name', en.imageToText),
    recallRow('Chinese name → picture', zh.textToImage),
    recallRow('picture → Chinese name', zh.imageToText),
    recallRow('Twemoji picture → Noto picture', pictureToPicture),
  ].join('\n');
}

function examplesSection({ examples }: Evaluation): string {
  return [row('query', 'the pictures found first'), rule(2), ...examples.map(({ query, found }) => row(query, found.join(' · ')))].join(
    '\n',
  );
}

function weakestSection({ weakest }: Evaluation): string {
  const rank = (value: number) => (Number.isInteger(value) ? String(value) : value.toFixed(1));
  return [
    row('name', 'rank of its picture', 'found first instead'),
    rule(3),
    ...weakest.map(({ name, rank: found, first }) => row(name, rank(found), first)),
  ].join('\n');
}

function sourcesSection(sources: readonly DataSource[]): string {
  return [
    row('data', 'npm package', 'licence', 'used for', 'attribution'),
    rule(5),
    ...sources.map(({ what, packageName, version, licence, use, attribution }) =>
      row(what, `\`${packageName}@${version}\``, licence, use, attribution),
    ),
  ].join('\n');
}

/** The README.md of the model folder, whole: nothing in it is written by hand, so that it says what was measured. */
export function modelCard({ evaluation, training, sources, name, width, parameters }: ModelCardFacts): string {
  const millions = (parameters / 1e6).toFixed(2);
  const { settings } = training;
  return `${frontMatter}

<!-- Written whole by \`npm run eval:starter\` (apps/recipes/src/starter/model-card.ts): change it there. -->

# ${name}

A small CLIP that knows emoji: it puts pictures of 32×32 pixels and short texts in English and Chinese into one space of ${width} dimensions, so
that pictures can be searched by words, and by other pictures. ${millions} million parameters, trained from nothing on processor cores by a script
of the Polymodal repository. It is the embedded default of Polymodal: good for demonstrations, tests and learning how such models work.

## Use

In Polymodal (Node; \`npm install @polymodal/starter @polymodal/clip @polymodal/autograd @polymodal/image-patcher onnxruntime-node sharp\`):

\`\`\`ts
import { onnxBackend } from '@polymodal/autograd';
import { loadClip } from '@polymodal/clip/node';
import { decodeImage } from '@polymodal/image-patcher/node';
import { starterFolder } from '@polymodal/starter/node';
import * as ort from 'onnxruntime-node';

const space = await loadClip(starterFolder, { backend: onnxBackend(ort) });
const image = await decodeImage('picture.png');
console.log(await space.classify({ image }, ['a red heart', 'a cat', '下雨天']));
\`\`\`

In transformers.js, from a local folder that holds this one as \`starter\`:

\`\`\`ts
import { AutoTokenizer, CLIPTextModelWithProjection, env } from '@huggingface/transformers';

env.allowRemoteModels = false;
env.localModelPath = './models/';
const tokenizer = await AutoTokenizer.from_pretrained('starter');
const model = await CLIPTextModelWithProjection.from_pretrained('starter', { dtype: 'fp32' });
const { text_embeds } = await model(tokenizer(['a red heart', '下雨天'], { padding: true }));
\`\`\`

Lay transparent pictures on white first: transformers.js drops transparency.

## Quality

Measured on ${evaluation.candidates.toLocaleString('en')} pictures of Noto Emoji, drawn by designers whose pictures the model never saw. Each name is asked for among all
pictures, and each picture's name among all names; shares of right answers (concepts of one name count for each other):

${qualitySection(evaluation)}

The names themselves were in training, with other designers' pictures of them: this measures whether the model recognises known things in a
new style, not things that it has never met.

Free queries, written down before this model was trained, and what the model finds first among Noto's pictures:

${examplesSection(evaluation)}

## Weaknesses

- It knows what emoji show and nothing else: photographs, scenes, text in pictures and most things in the world mean nothing to it.
- It sees 32×32 pixels: whatever needs detail (clock faces, flags that differ by an emblem, look-alike faces) is told apart badly.
- Text is a bag of tokens: word order and negation are lost. "a dog chasing a cat" and "a cat chasing a dog" are the same to it.
- Names work well, sentences are hit and miss, as the table shows: what counts is whether the words occur in an emoji's name or keywords.
  Other words are guessed at from pieces of words, and can lead far astray.
- Other languages than English and simplified Chinese were not trained.
- Its concepts and names are those of Unicode's emoji, with the choices of people, professions and flags that were made there.
- Emoji whose code points end in a variation selector, ❤️ and ✈️ among them, are not in the set: vendors name their files differently. So "a red
  heart" finds other hearts.

The ten concepts whose pictures their English names find last:

${weakestSection(evaluation)}

## Training

${sourcesSection(sources)}

Pictures and names are read from the npm packages above and from nowhere else. The concepts are the ${evaluation.candidates.toLocaleString('en')} that all vendors drew; names and
keywords are captions. **Noto was held out** of training, and no setting was picked by its numbers. It did prompt one change: an
earlier version was measured on it too, its free queries did badly there, and this version was then trained to tell keywords from all
concepts, with less change of hue. It was kept because keyword search on Twemoji's pictures improved. Optimiser and losses were compared with
Twemoji left out of training whole; the strengths of augmentation were set by judgement. Every tenth concept as Twemoji draws it is left out
of training too, and watched while it runs.

The image tower is a small residual convolutional network, the text tower a bag of token embeddings with a two-layer network. The loss is a
sum of symmetric contrasts as in CLIP (Radford et al. 2021, arXiv 2103.00020): pictures with the names of all concepts, pictures with
captions of keywords, those captions with the names, and pictures of one concept by different vendors with each other (Khosla et al. 2020,
arXiv 2004.11362). A caption of keywords is right for every concept that has them all. Matrices are trained with Muon, the rest with AdamW;
the running average of the weights is what is stored, rounded to float16 once.

    npm install && npm run train:starter && npm run eval:starter

repeats it: every random choice comes from the seed. ${duration(training)} Its settings:

${[row('setting', 'value'), rule(2), ...settingRows(settings)].join('\n')}

## Licence

Weights, tokenizer and configuration are published under Apache-2.0 by the authors of Polymodal. They hold none of the pictures. The data
keep their own licences, and ask for the attributions in the table above: Twemoji's pictures are licensed under CC-BY-4.0
(https://creativecommons.org/licenses/by/4.0/); OpenMoji's under CC-BY-SA-4.0 (https://creativecommons.org/licenses/by-sa/4.0/), which
also asks that adaptations of its pictures be shared alike.
`;
}
