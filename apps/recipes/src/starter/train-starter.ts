import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { type Backend, type OrtModule, onnxBackend } from '@polymodal/autograd';
import { clipSpace, dualEncoder, maxLogitScale } from '@polymodal/clip';
import { saveClip } from '@polymodal/clip/node';
import { imageProcessor } from '@polymodal/image-patcher';
import { decodeImage } from '@polymodal/image-patcher/node';
import type { Image } from '@polymodal/modality-registry';
import { adamW, linearDecay, muon, type ParameterGroup, train, type Weights } from '@polymodal/nn';
import { checkpointFolder } from '@polymodal/nn/node';
import * as ort from 'onnxruntime-node';
import { loadConcepts } from '../emoji/index.js';
import { batchFunction, heldOutPictures } from './batches.js';
import { measure } from './measure.js';
import { starterLoss } from './objective.js';
import { loadPictures, trainingVendors } from './pictures.js';
import { starterPreprocessor } from './pixels.js';
import { stageReporter, trainingReporter } from './progress.js';
import { type StarterSettings, starterConfig, starterSettings } from './settings.js';
import { starterTokenizer } from './tokenizer.js';

/** Where the trained model goes. */
export const starterFolder = fileURLToPath(new URL('../../../packages/starter/model/', import.meta.url));
const runsFolder = fileURLToPath(new URL('../../../runs/starter/', import.meta.url));

export interface TrainStarterOptions {
  readonly settings?: StarterSettings;
  /** Folder of the finished model. */
  readonly out: string;
  /** Folder of the checkpoints that a killed run resumes from. */
  readonly runs: string;
  readonly signal?: AbortSignal;
  /** Steps between looks at the held-out pictures; default 1,000. */
  readonly validateEvery?: number;
  readonly backend?: Backend;
}

/** Muon for what multiplies, AdamW at three speeds for the rest. */
function optimizerGroups(settings: StarterSettings): ParameterGroup[] {
  const { warmup, weightDecay } = settings;
  const schedule = (peak: number) => linearDecay({ peak, warmup });
  const adam = (peak: number) => adamW({ learningRate: schedule(peak), betas: [0.9, 0.98], epsilon: 1e-6, weightDecay: 0 });
  return [
    { match: (name) => name.endsWith('token_embedding.weight'), optimizer: adam(settings.embeddingLearningRate) },
    { match: (name) => name === 'logit_scale', optimizer: adam(settings.scaleLearningRate) },
    { match: (_, dims) => dims.length > 1, optimizer: muon({ learningRate: schedule(settings.matrixLearningRate), weightDecay }) },
    { optimizer: adam(settings.learningRate) },
  ];
}

/**
 * Trains the starter on emoji of Twemoji, OpenMoji and Fluent with names and keywords in English and Chinese, and writes the model
 * folder. Noto is not opened. Abort or kill it and call it again: it goes on from the last checkpoint.
 */
export async function trainStarter({
  settings = starterSettings,
  out,
  runs,
  signal,
  validateEvery = 1_000,
  ...options
}: TrainStarterOptions): Promise<void> {
  const backend = options.backend ?? onnxBackend(ort as unknown as OrtModule, { threads: Math.min(cpus().length, 4) });
  const concepts = loadConcepts();
  const reporter = stageReporter();
  const pictures = await loadPictures(concepts, trainingVendors, { ...(signal && { signal }), onProgress: reporter });
  const tokenizer = await starterTokenizer(concepts, settings);
  const model = dualEncoder(starterConfig(tokenizer.vocabularySize));
  const heldOut = heldOutPictures(concepts.length);
  const validationConcepts = heldOut.map(({ concept }) => concepts[concept]!);
  const validationImages: Image[] = await Promise.all(validationConcepts.map(({ files }) => decodeImage(files[trainingVendors[0]])));
  const spaceOf = (weights: Weights) =>
    clipSpace({
      backend,
      model,
      weights,
      tokenizer,
      processor: imageProcessor(starterPreprocessor),
      background: starterPreprocessor.background_color,
      space: { name: 'training', fingerprint: '0'.repeat(16) },
    });

  const run = train(model, {
    backend,
    data: batchFunction({ concepts, pictures, tokenizer, settings, heldOut }),
    steps: settings.steps,
    seed: settings.seed,
    loss: starterLoss(model, settings),
    optimizer: optimizerGroups(settings),
    bounds: { logit_scale: [0, maxLogitScale] },
    averageDecay: settings.averageDecay,
    checkpoint: checkpointFolder(runs, {
      config: {
        ...settings,
        captions: { ...settings.captions },
        augmentation: { ...settings.augmentation, scale: [...settings.augmentation.scale] },
      },
    }),
    checkpointEvery: 500,
    ...(signal && { signal }),
  });
  const report = trainingReporter({ steps: settings.steps, picturesPerStep: settings.concepts * settings.views });
  try {
    for await (const event of run) {
      if (event.step % validateEvery === 0 || event.step === settings.steps) {
        const space = spaceOf(await run.weights());
        const { en } = await measure(space, validationConcepts, validationImages);
        await space.dispose();
        report({ ...event, validation: en.textToImage.r1 });
      } else report(event);
    }
    await saveClip(out, { model, weights: await run.weights(), tokenizer, preprocessor: starterPreprocessor });
  } finally {
    await run.release();
    if (options.backend === undefined) await backend.dispose();
  }
}

/** The command: `npm run train:starter`. */
export async function main(): Promise<void> {
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort(new Error('interrupted: run the same command again to go on')));
  await trainStarter({ out: starterFolder, runs: runsFolder, signal: stop.signal });
  process.stderr.write(`Wrote ${starterFolder}. Next: npm run eval:starter\n`);
}
