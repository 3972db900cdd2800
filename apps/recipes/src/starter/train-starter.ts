import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { type Backend, onnxBackend } from '@polymodal/autograd';
import { clipSpace, dualEncoder, maxLogitScale } from '@polymodal/clip';
import { saveClip } from '@polymodal/clip/node';
import { imageProcessor } from '@polymodal/image-patcher';
import { decodeImage } from '@polymodal/image-patcher/node';
import type { Image } from '@polymodal/modality-registry';
import { adamW, linearDecay, muon, type ParameterGroup, type TrainEvent, train, type Weights } from '@polymodal/nn';
import { checkpointFolder } from '@polymodal/nn/node';
import { checkArguments, wholeNumber } from '../arguments.js';
import { type Concept, loadConcepts } from '../emoji/index.js';
import { batchFunction, heldOutPictures } from './batches.js';
import { runsFolder, starterFolder } from './folders.js';
import { measure } from './measure.js';
import { starterLoss } from './objective.js';
import { loadPictures, trainingVendors } from './pictures.js';
import { starterPreprocessor } from './pixels.js';
import { stageReporter, trainingReporter } from './progress.js';
import { type StarterSettings, starterConfig, starterSettings } from './settings.js';
import { starterTokenizer } from './tokenizer.js';
import { writeTrainingRecord } from './training-record.js';

export interface TrainStarterOptions {
  readonly settings?: StarterSettings;
  /** Folder of the finished model. */
  readonly out: string;
  /** Folder of the checkpoints that a killed run resumes from. */
  readonly runs: string;
  readonly signal?: AbortSignal;
  /** Steps between looks at the held-out pictures; default 1,000. */
  readonly validateEvery?: number;
  /** Steps between checkpoints; default 500. */
  readonly checkpointEvery?: number;
  /** What to learn; default: all concepts. */
  readonly concepts?: readonly Concept[];
  /** Hears of every step. */
  readonly onEvent?: (event: TrainEvent) => void;
  /** What it runs on; stays open. Default: ONNX Runtime in a worker of its own. */
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
export async function trainStarter(options: TrainStarterOptions): Promise<void> {
  if (options.backend !== undefined) return trainOn(options.backend, options);
  const backend = onnxBackend({ worker: 'onnxruntime-node' }, { threads: Math.min(cpus().length, 4) });
  try {
    await trainOn(backend, options);
  } finally {
    await backend.dispose();
  }
}

async function trainOn(
  backend: Backend,
  { settings = starterSettings, out, runs, signal, validateEvery = 1_000, checkpointEvery = 500, onEvent, ...options }: TrainStarterOptions,
): Promise<void> {
  const concepts = options.concepts ?? loadConcepts();
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
    checkpointEvery,
    ...(signal && { signal }),
  });
  const report = trainingReporter({ steps: settings.steps, picturesPerStep: settings.concepts * settings.views });
  const started = performance.now();
  let isWhole = false;
  try {
    for await (const event of run) {
      isWhole ||= event.step === 1;
      onEvent?.(event);
      if (event.step % validateEvery === 0 || event.step === settings.steps) {
        const space = spaceOf(await run.weights());
        const { en } = await measure(space, validationConcepts, validationImages);
        await space.dispose();
        report({ ...event, validation: en.textToImage.r1 });
      } else report(event);
    }
    await saveClip(out, { model, weights: await run.weights(), tokenizer, preprocessor: starterPreprocessor });
    const minutes = isWhole ? Math.round((performance.now() - started) / 6_000) / 10 : null;
    await writeTrainingRecord(out, { settings, minutes, cores: cpus().length });
  } finally {
    await run.release();
  }
}

const usage = `Trains the starter, a small CLIP, on emoji pictures with names and keywords in English and Chinese.

Usage: npm run train:starter -- [options]

  --steps N     train for N steps (default ${starterSettings.steps})
  --seed N      seed of weights, batches and augmentation (default ${starterSettings.seed})
  --out DIR     folder of the finished model (default packages/starter/model)
  --runs DIR    folder of the checkpoints, which a run that was stopped goes on from (default runs/starter)
  --help        show this
`;

/** The command: `npm run train:starter`. */
export async function main(argv: readonly string[], signal?: AbortSignal): Promise<void> {
  const text = { type: 'string' } as const;
  const { values } = checkArguments(() =>
    parseArgs({ args: [...argv], options: { steps: text, seed: text, out: text, runs: text, help: { type: 'boolean' } } }),
  );
  if (values.help) {
    process.stdout.write(usage);
    return;
  }
  const out = values.out ?? starterFolder();
  const settings = {
    ...starterSettings,
    ...(values.steps !== undefined && { steps: wholeNumber('steps', values.steps, 1) }),
    ...(values.seed !== undefined && { seed: wholeNumber('seed', values.seed, 0) }),
  };
  await trainStarter({ settings, out, runs: values.runs ?? runsFolder(), ...(signal && { signal }) });
  process.stderr.write(`Wrote ${out}. Next: npm run eval:starter\n`);
}
