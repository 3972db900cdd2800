import type { Backend } from '@polymodal/autograd';
import { flatten, type ImageProcessor } from '@polymodal/image-patcher';
import {
  type CallOptions,
  type Disposable,
  definePlugin,
  disposable,
  type EmbedderPart,
  type Embeddings,
  type Image,
  type Plugin,
  type Space,
  type TensorLike,
} from '@polymodal/modality-registry';
import type { Weights } from '@polymodal/nn';
import type { Tokenizer } from '@polymodal/text-tokenizer';
import { checkModelWeights, checkPreprocessors } from './check-fit.js';
import type { DualEncoder } from './dual-encoder.js';
import { embedBatches } from './embed-batches.js';
import { ClipError } from './errors.js';
import { exportTextModel, exportVisionModel } from './export-onnx.js';
import { type LazyProgram, lazyProgram } from './lazy-program.js';
import { VERSION } from './version.js';
import { type Classification, classPrompts, ensemble, rankClasses } from './zero-shot.js';

export interface ClipSpaceOptions {
  readonly backend: Backend;
  readonly model: DualEncoder;
  readonly weights: Weights;
  readonly tokenizer: Tokenizer;
  readonly processor: ImageProcessor;
  /** The colour [R, G, B] that transparent pictures are laid on; default: alpha is dropped, as OpenAI's and Hugging Face's preprocessing do. */
  readonly background?: readonly number[];
  readonly space: Space;
  /** Items per run of the model; default 64. */
  readonly batchSize?: number;
}

export interface ClassifyOptions extends CallOptions {
  /** One template or several, whose vectors are averaged; `{}` is the label's place. Default `'{}'`. */
  readonly template?: string | readonly string[];
}

/** A loaded model: text and pictures to unit vectors of one space. */
export interface ClipSpace extends Disposable {
  readonly space: Space;
  /** Length of every vector. */
  readonly width: number;
  /** exp of the learned logarithm: what similarities are multiplied by before a softmax. */
  readonly logitScale: number;
  /** Texts to unit vectors; long texts are cut to what the model takes. [texts, width] */
  embedText(texts: readonly string[], options?: CallOptions): Promise<Embeddings>;
  /** Pictures to unit vectors. [images, width] */
  embedImages(images: readonly Image[], options?: CallOptions): Promise<Embeddings>;
  /** Prepared pixels [n, 3, size, size] to projected vectors, not normalised: what the published graphs give. [n, width] */
  encodePixels(pixels: TensorLike<'float32'>): Promise<TensorLike<'float32'>>;
  /** Token ids [n, length] to projected vectors, not normalised. [n, width] */
  encodeIds(ids: TensorLike<'int64'>): Promise<TensorLike<'float32'>>;
  /** Zero-shot classification: labels with probabilities, best first (Radford et al. 2021, section 3.1). */
  classify(input: { readonly image: Image }, labels: readonly string[], options?: ClassifyOptions): Promise<Classification[]>;
  /** Both embedders, for a registry or an index. */
  readonly plugin: Plugin & { readonly parts: readonly [EmbedderPart<'text'>, EmbedderPart<'image'>] };
  dispose(): Promise<void>;
}

/** A plugin's name has no spaces, but a folder's may. */
const pluginName = (space: Space) => `@polymodal/clip/${space.name.replaceAll(/[\s\p{C}]+/gu, '-')}`;

async function run(
  program: LazyProgram,
  input: Readonly<Record<string, TensorLike>>,
  output: string,
  dims: readonly number[],
): Promise<TensorLike<'float32'>> {
  const results = await (await program.ready()).run(input);
  const result = results[output]!;
  const data = (await result.read()) as Float32Array;
  result.dispose();
  return { type: 'float32', dims, data };
}

function checkDims(what: string, dims: readonly number[], expected: string, fits: boolean): void {
  if (!fits) throw new ClipError({ code: 'CLIP_INPUT', message: `${what} have dims [${dims.join(', ')}], but ${expected} was expected.` });
}

/**
 * Joins a model, its weights and its two preprocessors. Graphs are compiled on first use.
 *
 * Throws {@link ClipError} `CLIP_MISMATCH` where the preprocessors are of another model, and `CheckpointError` where the weights are.
 */
export function clipSpace({
  backend,
  model,
  weights,
  tokenizer,
  processor,
  background,
  space,
  batchSize = 64,
}: ClipSpaceOptions): ClipSpace {
  checkModelWeights(model, weights);
  checkPreprocessors(model.config, tokenizer, processor);
  const width = model.config.projection_dim;
  const size = model.config.vision_config.image_size;
  const context = model.config.text_config.max_position_embeddings;
  const logitScale = Math.exp(weights.get('logit_scale')!.data[0]!);
  const textModel = lazyProgram(() => backend.compile(exportTextModel(model, weights)));
  const visionModel = lazyProgram(() => backend.compile(exportVisionModel(model, weights)));

  const encodeIds = async (ids: TensorLike<'int64'>) => {
    const [count, length = 0] = ids.dims;
    checkDims('ids', ids.dims, `[n, up to ${context}]`, ids.dims.length === 2 && length > 0 && length <= context);
    return run(textModel, { input_ids: ids }, 'text_embeds', [count!, width]);
  };
  const encodePixels = async (pixels: TensorLike<'float32'>) => {
    const [count, ...picture] = pixels.dims;
    checkDims('pixels', pixels.dims, `[n, 3, ${size}, ${size}]`, picture.join() === [3, size, size].join());
    return run(visionModel, { pixel_values: pixels }, 'image_embeds', [count!, width]);
  };

  const encodeTexts = (texts: readonly string[]) => {
    const { ids } = tokenizer.encodeBatch(texts, { padding: 'longest', truncation: true, maxLength: context });
    return encodeIds({ type: 'int64', dims: ids.dims, data: BigInt64Array.from(ids.data, BigInt) });
  };
  const encodeImages = (images: readonly Image[]) =>
    encodePixels(processor.batch(background === undefined ? images : images.map((image) => flatten(image, background))));

  const embedText = async (texts: readonly string[], options: CallOptions = {}): Promise<Embeddings> => ({
    space,
    vectors: await embedBatches(texts, encodeTexts, { ...options, what: 'strings', batchSize, width }),
  });
  const embedImages = async (images: readonly Image[], options: CallOptions = {}): Promise<Embeddings> => ({
    space,
    vectors: await embedBatches(images, encodeImages, { ...options, what: 'pictures', batchSize, width }),
  });

  const { ready: _text, ...textDisposal } = textModel;
  const { ready: _vision, ...visionDisposal } = visionModel;
  const disposal = disposable(async () => {
    await Promise.all([textModel.dispose(), visionModel.dispose()]);
  });

  return {
    space,
    width,
    logitScale,
    embedText,
    embedImages,
    encodePixels,
    encodeIds,
    async classify({ image }, labels, { template = '{}', ...options } = {}) {
      const { prompts, templates } = classPrompts(labels, template);
      const texts = await embedText(prompts, options);
      const classes = ensemble(texts.vectors.data, templates, width); // [labels, width]
      const { vectors } = await embedImages([image], options);
      return rankClasses(labels, classes, vectors.data, logitScale);
    },
    plugin: definePlugin({
      name: pluginName(space),
      version: VERSION,
      parts: [
        { kind: 'embedder', modality: 'text', space, width, normalized: true, embed: embedText, ...textDisposal },
        { kind: 'embedder', modality: 'image', space, width, normalized: true, embed: embedImages, ...visionDisposal },
      ],
    }),
    ...disposal,
    dispose: async () => disposal.dispose(),
  };
}
