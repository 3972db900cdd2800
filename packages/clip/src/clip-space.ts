import type { Backend, Program } from '@polymodal/autograd';
import { flatten, type ImageProcessor } from '@polymodal/image-patcher';
import {
  type CallOptions,
  definePlugin,
  type EmbedderPart,
  type Embeddings,
  type Image,
  type Plugin,
  type Space,
  type TensorLike,
  throwIfAborted,
} from '@polymodal/modality-registry';
import type { Weights } from '@polymodal/nn';
import type { Tokenizer } from '@polymodal/text-tokenizer';
import type { DualEncoder } from './dual-encoder.js';
import { ClipError } from './errors.js';
import { exportTextModel, exportVisionModel } from './export-onnx.js';
import { ensemble, fillTemplate, normalizeRows, softmax } from './zero-shot.js';

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

export interface Classification {
  readonly label: string;
  readonly score: number;
}

/** A loaded model: text and pictures to unit vectors of one space. */
export interface ClipSpace {
  readonly space: Space;
  /** Length of every vector. */
  readonly width: number;
  /** exp of the learned logarithm: what similarities are multiplied by before a softmax. */
  readonly logitScale: number;
  /** Texts to unit vectors. [texts, width] */
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
  [Symbol.asyncDispose](): Promise<void>;
}

/** Runs `encode` over slices of `items` and joins the unit vectors. */
async function inBatches<T>(
  items: readonly T[],
  size: number,
  width: number,
  { signal, onProgress }: CallOptions,
  encode: (part: readonly T[]) => Promise<TensorLike<'float32'>>,
): Promise<TensorLike<'float32'>> {
  const data = new Float32Array(items.length * width);
  for (let at = 0; at < items.length; at += size) {
    throwIfAborted(signal);
    const part = items.slice(at, at + size);
    data.set(normalizeRows((await encode(part)).data, width), at * width);
    onProgress?.({ done: at + part.length, total: items.length, stage: 'embedding' });
  }
  throwIfAborted(signal);
  return { type: 'float32', dims: [items.length, width], data };
}

/** Joins a model, its weights and its two preprocessors. Graphs are compiled on first use. */
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
  const width = model.config.projection_dim;
  const context = model.config.text_config.max_position_embeddings;
  const logitScale = Math.exp(weights.get('logit_scale')!.data[0]!);
  const programs = new Map<string, Promise<Program>>();
  let disposed = false;
  const program = (name: 'text' | 'vision'): Promise<Program> => {
    if (disposed) throw new ClipError({ code: 'CLIP_DISPOSED', message: 'the model has been disposed of.', fix: 'Load it again.' });
    let compiled = programs.get(name);
    if (compiled === undefined) {
      compiled = backend.compile(name === 'text' ? exportTextModel(model, weights) : exportVisionModel(model, weights));
      programs.set(name, compiled);
    }
    return compiled;
  };
  const run = async (name: 'text' | 'vision', inputName: string, value: TensorLike, outputName: string): Promise<TensorLike<'float32'>> => {
    const results = await (await program(name)).run({ [inputName]: value });
    const output = results[outputName]!;
    const data = (await output.read()) as Float32Array;
    output.dispose();
    return { type: 'float32', dims: [value.dims[0]!, width], data };
  };
  const encodeIds = (ids: TensorLike<'int64'>) => run('text', 'input_ids', ids, 'text_embeds');
  const encodePixels = (pixels: TensorLike<'float32'>) => run('vision', 'pixel_values', pixels, 'image_embeds');

  const embedText = async (texts: readonly string[], options: CallOptions = {}): Promise<Embeddings> => ({
    space,
    vectors: await inBatches(texts, batchSize, width, options, (part) => {
      const { ids } = tokenizer.encodeBatch(part, { padding: 'longest', truncation: true, maxLength: context });
      return encodeIds({ type: 'int64', dims: ids.dims, data: BigInt64Array.from(ids.data as ArrayLike<number | bigint>, BigInt) });
    }),
  });
  const embedImages = async (images: readonly Image[], options: CallOptions = {}): Promise<Embeddings> => ({
    space,
    vectors: await inBatches(images, batchSize, width, options, (part) =>
      encodePixels(processor.batch(background === undefined ? part : part.map((image) => flatten(image, background)))),
    ),
  });

  const dispose = async (): Promise<void> => {
    disposed = true;
    const compiled = [...programs.values()];
    programs.clear();
    for (const one of compiled) await one.then((ready) => ready.release());
  };

  return {
    space,
    width,
    logitScale,
    embedText,
    embedImages,
    encodePixels,
    encodeIds,
    async classify({ image }, labels, { template = '{}', ...options } = {}) {
      if (labels.length === 0)
        throw new ClipError({ code: 'CLIP_LABELS', message: 'no labels were given.', fix: 'Pass at least one label.' });
      const templates = typeof template === 'string' ? [template] : template;
      const prompts = await embedText(
        labels.flatMap((label) => templates.map((one) => fillTemplate(one, label))),
        options,
      );
      const classes = ensemble(prompts.vectors.data, templates.length, width); // [labels, width]
      const { vectors } = await embedImages([image], options);
      const logits = labels.map((_, c) => {
        let dot = 0;
        for (let i = 0; i < width; i++) dot += classes[c * width + i]! * vectors.data[i]!;
        return dot * logitScale;
      });
      const scores = softmax(logits);
      return labels.map((label, i) => ({ label, score: scores[i]! })).sort((a, b) => b.score - a.score);
    },
    plugin: definePlugin({
      name: `@polymodal/clip/${space.name}`,
      version: '0.0.0',
      parts: [
        { kind: 'embedder', modality: 'text', space, width, embed: embedText, dispose },
        { kind: 'embedder', modality: 'image', space, width, embed: embedImages, dispose },
      ],
    }),
    dispose,
    [Symbol.asyncDispose]: dispose,
  };
}
