import {
  type AdapterPart,
  type CallOptions,
  disposable,
  type EmbedderPart,
  type EncoderPart,
  type GeneratorEvent,
  type GeneratorPart,
  type Image,
  type LanguageModelPart,
  type ModelInputs,
  type Part,
  type Plugin,
  PolymodalError,
  type ProcessorPart,
  type TensorLike,
  type TokenizerPart,
  type Tokens,
  throwIfAborted,
} from '@polymodal/modality-registry';

class ToyError extends PolymodalError {}

function refuse(what: string): never {
  throw new ToyError({ code: 'TOY_INPUT', message: `${what} cannot be used here.` });
}

const space = { name: 'toy-v1', fingerprint: '0123456789abcdef' };
const pad = 128;

function floats(dims: readonly number[], data: Iterable<number>): TensorLike<'float32'> {
  return { type: 'float32', dims, data: Float32Array.from(data) };
}

function readTexts(texts: readonly string[], options: CallOptions | undefined): void {
  throwIfAborted(options?.signal);
  if (!Array.isArray(texts) || !texts.every((text) => typeof text === 'string')) refuse('what is no list of strings');
}

/** Letters as ids, padded to the longest, with offsets. */
const tokenizer: TokenizerPart<'text'> = {
  kind: 'tokenizer',
  modality: 'text',
  vocabularySize: 129,
  async encode(texts, options) {
    readTexts(texts, options);
    const length = Math.max(0, ...texts.map((text) => text.length));
    const dims = [texts.length, length];
    const per = <T>(value: (text: string, at: number) => T): T[] =>
      texts.flatMap((text) => Array.from({ length }, (_, at) => value(text, at)));
    for (const done of texts.keys()) options?.onProgress?.({ done, total: texts.length });
    return {
      ids: { type: 'int32', dims, data: Int32Array.from(per((text, at) => (at < text.length ? text.charCodeAt(at) : pad))) },
      attentionMask: { type: 'int32', dims, data: Int32Array.from(per((text, at) => (at < text.length ? 1 : 0))) },
      offsets: texts.map((text) => Array.from({ length }, (_, at): [number, number] => (at < text.length ? [at, at + 1] : [0, 0]))),
    };
  },
  async decode(tokens, options) {
    throwIfAborted(options?.signal);
    const { ids } = tokens ?? {};
    if (ids === undefined || ids.data.length !== ids.dims[0]! * ids.dims[1]!) refuse('what is no ids');
    const codes = Array.from<number | bigint, number>(ids.data, Number);
    if (codes.some((code) => code > pad)) refuse('an id past the vocabulary');
    const [batch = 0, length = 0] = ids.dims;
    return Array.from({ length: batch }, (_, item) =>
      String.fromCharCode(...codes.slice(item * length, (item + 1) * length).filter((code) => code !== pad)),
    );
  },
};

function readImages(images: readonly Image[], options: CallOptions | undefined): void {
  throwIfAborted(options?.signal);
  const fits = (image: Image | null | undefined): boolean =>
    image?.data instanceof Uint8Array && image.width === 2 && image.data.length === 12;
  if (!Array.isArray(images) || !images.every(fits)) refuse('what is no list of 2×2 RGB images');
}

const processor: ProcessorPart<'image'> = {
  kind: 'processor',
  modality: 'image',
  async process(images, options) {
    readImages(images, options);
    return {
      pixel_values: floats(
        [images.length, 12],
        images.flatMap(({ data }) => Array.from(data, (byte) => byte / 255)),
      ),
    };
  },
};

function pixelsOf(inputs: Tokens | ModelInputs): TensorLike {
  const pixels = (inputs as ModelInputs | null)?.pixel_values;
  if (pixels === undefined || pixels.data.length !== pixels.dims[0]! * 12) refuse('what has no pixel_values');
  return pixels;
}

/** One vector per pixel. [batch, 4, 3] */
const encoder: EncoderPart<'image'> = {
  kind: 'encoder',
  modality: 'image',
  width: 3,
  async encode(inputs, options) {
    throwIfAborted(options?.signal);
    const pixels = pixelsOf(inputs);
    return floats([pixels.dims[0]!, 4, 3], Array.from<number | bigint, number>(pixels.data, Number));
  },
};

/** The mean colour, at unit length. [batch, 3] */
const embedder: EmbedderPart<'image'> = {
  kind: 'embedder',
  modality: 'image',
  space,
  width: 3,
  normalized: true,
  async embed(images, options) {
    readImages(images, options);
    const rows = images.map(({ data }) => {
      const sums = [0, 1, 2].map((channel) => 1 + data[channel]! + data[channel + 3]! + data[channel + 6]! + data[channel + 9]!);
      const norm = Math.hypot(...sums);
      return sums.map((sum) => sum / norm);
    });
    return { vectors: floats([images.length, 3], rows.flat()), space };
  },
};

const adapter: AdapterPart = {
  kind: 'adapter',
  from: { width: 3 },
  to: { width: 1 },
  async adapt(vectors, options) {
    throwIfAborted(options?.signal);
    const { type, dims, data } = vectors ?? refuse('nothing');
    if (type !== 'float32' || dims[1] !== 3 || data.length !== dims[0]! * 3) refuse('what is no [batch, 3]');
    return floats(
      [dims[0]!, 1],
      Array.from({ length: dims[0]! }, (_, row) => data[row * 3]! + data[row * 3 + 1]! + data[row * 3 + 2]!),
    );
  },
};

/** Says each letter of its texts, and how many images there are. */
const languageModel: LanguageModelPart = {
  kind: 'language-model',
  from: ['text', 'image'],
  to: ['text'],
  async *generate(parts, options) {
    throwIfAborted(options?.signal);
    if (!Array.isArray(parts)) refuse('what is no list of parts');
    for (const part of parts) {
      const { text, image } = (part ?? {}) as { text?: string; image?: Image };
      if (text === undefined && image === undefined) refuse('a part of neither text nor image');
      for (const letter of text ?? 'i') yield { text: letter };
    }
  },
};

const generator: GeneratorPart<'image'> = {
  kind: 'generator',
  from: ['text'],
  to: 'image',
  async *generate(condition, options): AsyncGenerator<GeneratorEvent<'image'>> {
    throwIfAborted(options?.signal);
    const text = (condition as { text?: string } | null)?.text;
    if (typeof text !== 'string') refuse('what is no text');
    yield { type: 'progress', progress: 0.5 };
    yield { type: 'image', image: { data: new Uint8Array(12).fill(text.length), width: 2, height: 2 } };
  },
};

export const parts = { tokenizer, processor, encoder, embedder, adapter, languageModel, generator };

/** A plugin of the sound parts, some of them replaced. */
export function toyPlugin(changed: { readonly [K in keyof typeof parts]?: Part } = {}): Plugin {
  return { specificationVersion: 'v1', name: '@test/toy', version: '1.0.0', parts: Object.values({ ...parts, ...changed }) };
}

/** A sound plugin that also holds memory. */
export const holding = toyPlugin({ embedder: { ...embedder, ...disposable(() => undefined) } });
