import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { onnxBackend } from '@polymodal/autograd';
import { type ClipConfig, dualEncoder, parseClipConfig } from '@polymodal/clip';
import { loadClip } from '@polymodal/clip/node';
import type { CallOptions, Progress } from '@polymodal/modality-registry';
import { namedParameters } from '@polymodal/nn';
import * as ort from 'onnxruntime-node';
import { checkArguments } from '../arguments.js';
import { loadConcepts } from '../emoji/index.js';
import { dataSources } from './data-sources.js';
import { type Evaluation, evaluate } from './evaluate.js';
import { starterFolder } from './folders.js';
import { type LanguageQuality, type Recall, recallOf } from './measure.js';
import { modelCard } from './model-card.js';
import { stageReporter } from './progress.js';
import { readTrainingRecord } from './training-record.js';
import { writeText } from './write-text.js';

/** What `eval.json` in a model folder holds. */
export interface EvaluationFile extends Evaluation {
  /** Of the weights, tokenizer and configuration that were measured. */
  readonly fingerprint: string;
  readonly command: string;
}

/** Loads the model of a folder and measures it. */
export async function evaluateFolder(folder: string, options: CallOptions = {}): Promise<EvaluationFile> {
  const backend = onnxBackend(ort);
  try {
    const space = await loadClip(folder, { backend });
    const evaluation = await evaluate(space, loadConcepts(), options);
    await space.dispose();
    return { ...evaluation, fingerprint: space.space.fingerprint, command: 'npm run eval:starter' };
  } finally {
    await backend.dispose();
  }
}

function countParameters(config: ClipConfig): number {
  return [...namedParameters(dualEncoder(config)).values()].reduce(
    (total, { dims }) => total + (dims as readonly number[]).reduce((a, b) => a * b, 1),
    0,
  );
}

/** The model card of a folder, from what was measured and how it was trained. */
export async function cardOf(folder: string, evaluation: EvaluationFile): Promise<string> {
  const config = parseClipConfig(JSON.parse(await readFile(join(folder, 'config.json'), 'utf8')));
  return modelCard({
    evaluation,
    training: await readTrainingRecord(folder),
    sources: dataSources(),
    name: config.space_name ?? 'emoji-clip',
    width: config.projection_dim,
    parameters: countParameters(config),
  });
}

const directionsOf = ({ textToImage, imageToText }: LanguageQuality): LanguageQuality => ({
  textToImage: recallOf(textToImage),
  imageToText: recallOf(imageToText),
});

/** The measured quality as a table for people. */
export function qualityTable({ en, zh, candidates, pictureToPicture }: Evaluation): string {
  const line = (label: string, { r1, r5, r10 }: Recall) =>
    `  ${label.padEnd(32)}${[r1, r5, r10].map((share) => share.toFixed(3).padStart(8)).join('')}`;
  return [
    `  ${`of ${candidates} Noto pictures`.padEnd(32)}${['R@1', 'R@5', 'R@10'].map((head) => head.padStart(8)).join('')}`,
    line('English name → picture', en.textToImage),
    line('picture → English name', en.imageToText),
    line('Chinese name → picture', zh.textToImage),
    line('picture → Chinese name', zh.imageToText),
    line('Twemoji picture → picture', pictureToPicture),
  ].join('\n');
}

const usage = `Measures the starter on Noto's pictures, which it was not trained on, and writes what it finds into eval.json and the model card.

Usage: npm run eval:starter -- [options]
       npm run --silent eval:starter -- --json

  --json        print { en, zh, candidates } as JSON, recalls as fractions, and write nothing
  --model DIR   measure the model of this folder (default packages/starter/model)
  --help        show this
`;

/** The command: `npm run eval:starter`. */
export async function main(argv: readonly string[], signal?: AbortSignal): Promise<void> {
  const { values } = checkArguments(() =>
    parseArgs({ args: [...argv], options: { json: { type: 'boolean' }, model: { type: 'string' }, help: { type: 'boolean' } } }),
  );
  if (values.help) {
    process.stdout.write(usage);
    return;
  }
  const folder = values.model === undefined ? starterFolder() : resolve(values.model);
  const onProgress: (progress: Progress) => void = stageReporter();
  const evaluation = await evaluateFolder(folder, { ...(signal && { signal }), onProgress });
  const { en, zh, candidates } = evaluation;
  if (values.json) {
    process.stdout.write(`${JSON.stringify({ en: directionsOf(en), zh: directionsOf(zh), candidates })}\n`);
    return;
  }
  const card = await cardOf(folder, evaluation);
  await writeText(join(folder, 'eval.json'), `${JSON.stringify(evaluation, null, 2)}\n`);
  await writeText(join(folder, 'README.md'), card);
  process.stdout.write(`${qualityTable(evaluation)}\n`);
  process.stderr.write(`Wrote eval.json and README.md, the model card, into ${folder}\n`);
}
