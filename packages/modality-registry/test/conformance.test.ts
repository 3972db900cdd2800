import { describe, expect, test } from '@jest/globals';
import {
  type EmbedderPart,
  type Image,
  type Part,
  type Plugin,
  type TensorLike,
  type TokenizerPart,
  type Tokens,
  VocabularyError,
} from '@polymodal/modality-registry';
import { type CheckName, type ConformanceError, type ConformanceOptions, conformance } from '@polymodal/modality-registry/conformance';
import { holding, parts, toyPlugin } from './toy-plugin.js';

type Floats = TensorLike<'float32'>;

const { tokenizer, processor, encoder, embedder, adapter, languageModel, generator } = parts;

/** Made anew for each plugin, since a broken one may write into them. */
function samplesFor(): { text: string[]; image: Image[] } {
  const image = (first: number): Image => ({ data: Uint8Array.from({ length: 12 }, (_, i) => first + i * 7), width: 2, height: 2 });
  return { text: ['a cat', 'dogs run'], image: [image(9), image(80)] };
}

/** The checks that a plugin of this one part fails. */
async function failedChecks(part: Part, options: Partial<ConformanceOptions> = {}): Promise<CheckName[]> {
  const plugin: Plugin = { specificationVersion: 'v1', name: '@test/broken', version: '1.0.0', parts: [part] };
  const prepare = { image: (images: readonly Image[]) => processor.process(images) };
  const failed: CheckName[] = [];
  for (const { check, run } of conformance(plugin, { samples: samplesFor(), prepare, ...options })) {
    await run().catch(() => failed.push(check));
  }
  return failed;
}

/** A sound part with something changed. */
function like<P extends Part>(part: P, change: NoInfer<Partial<P>>): P {
  return { ...part, ...change };
}

const encodeThen = (change: (tokens: Tokens, texts: readonly string[]) => unknown): TokenizerPart<'text'> => ({
  ...tokenizer,
  encode: async (texts, options) => change(await tokenizer.encode(texts, options), texts) as Tokens,
});
const embedThen = (change: (vectors: Floats, images: readonly Image[]) => Floats): EmbedderPart<'image'> => ({
  ...embedder,
  embed: async (images, options) => {
    const { vectors, space } = await embedder.embed(images, options);
    return { vectors: change(vectors, images), space };
  },
});
const { decode: _decode, ...withoutDecode } = tokenizer;
const scaled = (tensor: Floats, factor: number): Floats => ({ ...tensor, data: tensor.data.map((value) => value * factor) });

const shared = new Float32Array(64);
let calls = 0;

/** What is wrong, the one check that must catch it, and the part. */
const broken: readonly (readonly [what: string, check: CheckName, part: Part])[] = [
  ['a plugin part without its verb', 'well formed', like(embedder, { embed: undefined as never })],
  [
    'positions of another shape than the ids',
    'shapes',
    encodeThen((tokens, { length }) => ({ ...tokens, positions: { type: 'int32', dims: [length, 2], data: new Int32Array(length * 2) } })),
  ],
  ['a grid of more cells than tokens', 'shapes', encodeThen((tokens) => ({ ...tokens, grid: [1, 9, 9] }))],
  [
    'inputs with fewer elements than dims',
    'shapes',
    like(processor, {
      process: async (images, options) => ({
        ...(await processor.process(images, options)),
        image_sizes: { type: 'int32', dims: [images.length], data: new Int32Array(images.length * 2) },
      }),
    }),
  ],
  ['vectors of another width than stated, from an encoder', 'shapes', like(encoder, { width: 4 })],
  ['vectors of another width than stated, from an adapter', 'shapes', like(adapter, { to: { width: 2 } })],
  ['data of another class than the dtype', 'dtypes', encodeThen((tokens) => ({ ...tokens, ids: { ...tokens.ids, type: 'int64' } }))],
  [
    'vectors of float64',
    'dtypes',
    embedThen((vectors) => ({ type: 'float64', dims: vectors.dims, data: Float64Array.from(vectors.data) }) as never),
  ],
  ['a vector of NaN', 'finite values', { ...embedThen((vectors) => scaled(vectors, Number.NaN)), normalized: false }],
  ['ids past the vocabulary', 'ids within the vocabulary', { ...withoutDecode, vocabularySize: 100 }],
  [
    'offsets past the end of the text',
    'offsets within bounds',
    encodeThen((tokens) => ({ ...tokens, offsets: tokens.offsets!.map((pairs) => pairs.map(([start, end]) => [start, end && end + 1])) })),
  ],
  [
    'offsets of too few tokens',
    'offsets within bounds',
    encodeThen((tokens) => ({ ...tokens, offsets: tokens.offsets!.map((pairs) => pairs.slice(0, 1)) })),
  ],
  [
    'a decode that changes case',
    'round trip',
    like(tokenizer, { decode: async (tokens, options) => (await tokenizer.decode!(tokens, options)).map((text) => text.toUpperCase()) }),
  ],
  [
    'a decode that loses an item',
    'round trip',
    like(tokenizer, { decode: async (tokens, options) => (await tokenizer.decode!(tokens, options)).slice(1) }),
  ],
  ['padding that no mask marks', 'batch equals loop', encodeThen(({ attentionMask: _, ...tokens }) => tokens)],
  [
    'an encoder whose items see their batch',
    'batch equals loop',
    like(encoder, {
      encode: async (inputs, options) => {
        const vectors = await encoder.encode(inputs, options);
        return scaled(vectors, 1 + vectors.dims[0]!);
      },
    }),
  ],
  [
    'a processor that stacks in reverse',
    'batch equals loop',
    like(processor, { process: (images, options) => processor.process(Array.isArray(images) ? [...images].reverse() : images, options) }),
  ],
  ['vectors that drift from call to call', 'determinism', embedThen((vectors) => scaled(vectors, 1 + 1e-6 * ++calls))],
  [
    'a language model that ignores its seed',
    'determinism',
    like(languageModel, {
      async *generate(input, options) {
        yield* languageModel.generate(input, options);
        yield { text: String(++calls) };
      },
    }),
  ],
  [
    'results in a buffer that the next call overwrites',
    'results are kept',
    embedThen((vectors) => {
      shared.set(vectors.data);
      return { ...vectors, data: shared.subarray(0, vectors.data.length) };
    }),
  ],
  [
    'a stream that gives one object again and again',
    'results are kept',
    like(languageModel, {
      async *generate(input, options) {
        const one = { text: '' };
        for await (const part of languageModel.generate(input, options)) yield Object.assign(one, part);
      },
    }),
  ],
  [
    'a row out of an empty batch',
    'empty batch',
    embedThen((vectors, images) => (images.length > 0 ? vectors : { type: 'float32', dims: [1, 3], data: new Float32Array(3) })),
  ],
  [
    'an empty batch that is refused',
    'empty batch',
    like(processor, {
      process: async (images, options) => {
        if (images?.length === 0) throw new RangeError('empty');
        return processor.process(images, options);
      },
    }),
  ],
  ['a signal that is ignored', 'abort', like(embedder, { embed: (images) => embedder.embed(images) })],
  ['a decode that ignores the signal', 'abort', like(tokenizer, { decode: (tokens) => tokenizer.decode!(tokens) })],
  ['a generator that ignores the signal', 'abort', like(generator, { generate: (condition) => generator.generate(condition) })],
  [
    "an abort with another error than the signal's reason",
    'abort',
    like(embedder, {
      embed: async (images, options) => {
        if (options?.signal?.aborted) throw new Error('stopped');
        return embedder.embed(images);
      },
    }),
  ],
  [
    'a plain TypeError on bad input',
    'typed errors',
    like(embedder, {
      embed: (images, options) =>
        embedder.embed(
          images.map((image) => ({ ...image, data: image.data.subarray(0) })),
          options,
        ),
    }),
  ],
  [
    'an error thrown at once, not by rejecting',
    'typed errors',
    like(embedder, {
      embed: (images, options) => {
        if (!Array.isArray(images)) throw new VocabularyError({ code: 'TOY', message: 'no list.' });
        return embedder.embed(images, options);
      },
    }),
  ],
  [
    'a string taken for a batch of letters',
    'typed errors',
    like(tokenizer, { encode: (texts, options) => tokenizer.encode(typeof texts === 'string' ? [...(texts as string)] : texts, options) }),
  ],
  [
    'vectors of another dtype that are accepted',
    'typed errors',
    like(adapter, { adapt: (vectors, options) => adapter.adapt(vectors && { ...vectors, type: 'float32' }, options) }),
  ],
  [
    'a language model that accepts anything',
    'typed errors',
    like(languageModel, {
      async *generate(input, options) {
        try {
          yield* languageModel.generate(input, options);
        } catch (error) {
          options?.signal?.throwIfAborted();
          yield { text: String(error) };
        }
      },
    }),
  ],
  [
    'an input that is written into',
    'input left unmodified',
    embedThen((vectors, images) => {
      for (const { data } of images) (data as Uint8Array)[11] = 0;
      return vectors;
    }),
  ],
  [
    'a conversation that is written into',
    'input left unmodified',
    like(languageModel, {
      async *generate(input, options) {
        yield* languageModel.generate(input, options);
        (input[0] as { seen?: boolean }).seen = true;
      },
    }),
  ],
  [
    'progress past its total',
    'progress',
    like(tokenizer, {
      encode: (texts, options) => tokenizer.encode(texts, { ...options, onProgress: () => options?.onProgress?.({ done: 9, total: 1 }) }),
    }),
  ],
  [
    'vectors of another space than stated',
    'space',
    like(embedder, {
      embed: async (images, options) => ({
        ...(await embedder.embed(images, options)),
        space: { name: 'toy-v1', fingerprint: 'fedcba9876543210' },
      }),
    }),
  ],
  ['vectors of length 2 stated to be normalised', 'unit length', embedThen((vectors) => scaled(vectors, 2))],
  ['a language model that writes what it does not declare', 'declared modalities', like(languageModel, { to: ['audio'] })],
  [
    'a generator that never comes to its end',
    'declared modalities',
    like(generator, {
      async *generate(condition, options) {
        for await (const event of generator.generate(condition, options)) if (event.type === 'progress') yield event;
      },
    }),
  ],
  [
    'progress that falls',
    'declared modalities',
    like(generator, {
      async *generate(condition, options) {
        yield { type: 'progress', progress: 0.9 };
        yield* generator.generate(condition, options);
      },
    }),
  ],
  [
    'a second disposal that fails',
    'dispose',
    like(embedder, {
      ...(() => {
        let open = true;
        const dispose = async () => {
          if (!open) throw new Error('closed');
          open = false;
        };
        return { dispose, [Symbol.asyncDispose]: dispose };
      })(),
    }),
  ],
  ['a dispose without [Symbol.asyncDispose]', 'dispose', like(embedder, { dispose: () => undefined })],
];

describe('the kit catches, by exactly the check that is meant,', () => {
  test.each(broken.map(([what, check, part]) => [`${what}: ${check}`, check, part] as const))('%s', async (_, check, part) => {
    expect(await failedChecks(part)).toEqual([check]);
  });

  test('every check that there is', () => {
    const caught = new Set(broken.map(([, check]) => check));
    const all = conformance(holding, { samples: samplesFor() }).map(({ check }) => check);
    expect([...caught].sort()).toEqual([...new Set(all)].sort());
  });
});

describe('a sound plugin passes', () => {
  for (const { name, run } of conformance(holding, { samples: samplesFor() })) test(name, run);

  test.each(Object.entries(parts))('as does its %s alone', async (_, part) => {
    expect(await failedChecks(part)).toEqual([]);
  });

  test('with one sample only, and with adapters fed by the caller', async () => {
    expect(await failedChecks(tokenizer, { samples: { text: ['one'] } })).toEqual([]);
    const vectors = () => ({ type: 'float32', dims: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) }) as const;
    expect(await failedChecks(adapter, { samples: {}, vectors })).toEqual([]);
  });
});

describe('round trips', () => {
  const lowering: TokenizerPart<'text'> = {
    ...tokenizer,
    encode: (texts, options) => tokenizer.encode(Array.isArray(texts) ? texts.map((text) => text?.toLowerCase?.()) : texts, options),
  };
  const codec: TokenizerPart<'text'> = {
    ...tokenizer,
    decode: async (tokens, options) => (await tokenizer.decode!(tokens, options)).map(() => 'reconstruction'),
  };
  const samples = { text: ['One', 'TWO'] };

  test.each([
    ['raw', lowering, ['round trip']],
    ['tokens', lowering, []],
    ['tokens', codec, ['round trip']],
    ['lossy', codec, []],
  ] as const)("roundTrip '%s' %#", async (roundTrip, part, expected) => {
    expect(await failedChecks(part, { samples, roundTrip })).toEqual(expected);
    expect(await failedChecks(part, { samples, roundTrip: { text: roundTrip } })).toEqual(expected);
  });
});

describe('options', () => {
  test('invalid adds raw data that must be refused', async () => {
    expect(await failedChecks(tokenizer, { invalid: { text: ['too rude'] } })).toEqual(['typed errors']);
  });

  test('extents bound offsets where the kit does not know how far they reach', async () => {
    expect(await failedChecks(tokenizer, { extents: { text: () => 3 } })).toEqual(['offsets within bounds']);
  });

  test('what is missing is named', () => {
    const thrown = (make: () => unknown): string => {
      try {
        make();
      } catch (error) {
        return (error as ConformanceError).toString();
      }
      return 'nothing';
    };
    const all = toyPlugin();
    expect(thrown(() => conformance(all, { samples: { text: ['a'] } }))).toMatch(/CONFORMANCE_OPTIONS.*no samples of image/);
    expect(thrown(() => conformance(all, { samples: ['a'] as never }))).toMatch(
      /samples is a list, but plugin '@test\/toy' has the modalities text, image/,
    );
    const alone = (part: Part): Plugin => ({ ...all, parts: [part] });
    expect(thrown(() => conformance(alone(encoder), { samples: samplesFor() }))).toMatch(/neither a processor nor a tokenizer/);
    expect(thrown(() => conformance(alone(generator), { samples: {} }))).toMatch(/a generator that reads text, but samples has none/);
  });

  test('an encoder is fed by the tokenizer of its plugin where there is no processor', async () => {
    const letters: Part = {
      kind: 'encoder',
      modality: 'text',
      width: 1,
      async encode(inputs, options) {
        options?.signal?.throwIfAborted();
        const ids = (inputs as Tokens | null)?.ids;
        if (ids === undefined || ids.data.length !== ids.dims[0]! * ids.dims[1]!)
          throw new VocabularyError({ code: 'TOY', message: 'no ids.' });
        return { type: 'float32', dims: [...ids.dims, 1], data: Float32Array.from(ids.data as Int32Array) };
      },
    };
    const plugin: Plugin = { ...toyPlugin(), parts: [tokenizer, letters] };
    for (const { run } of conformance(plugin, { samples: samplesFor() })) await run();
  });
});

test('messages say what was given and what was expected', async () => {
  const plugin: Plugin = { ...toyPlugin(), parts: [{ ...embedder, width: 5 }] };
  const shapes = conformance(plugin, { samples: samplesFor() }).find(({ check }) => check === 'shapes')!;
  expect(shapes.name).toBe("@test/toy: embedder('image', { space: 'toy-v1' }): shapes");
  await expect(shapes.run()).rejects.toThrow('vectors.dims is [2, 3], but [2, 5] was expected.');
});
