import { describe, expect, test } from '@jest/globals';
import { type ModelInputs, type Plugin, PolymodalError, type ProcessorPart, throwIfAborted } from '@polymodal/modality-registry';
import { type CheckName, conformance } from '@polymodal/modality-registry/conformance';

class ToyError extends PolymodalError {}

/** Texts as input_ids, padded to the longest, under the names that published encoders use. */
function processorOf(more: (texts: readonly string[], length: number) => ModelInputs): ProcessorPart<'text'> {
  return {
    kind: 'processor',
    modality: 'text',
    async process(texts, options) {
      throwIfAborted(options?.signal);
      if (!Array.isArray(texts) || texts.some((text) => typeof text !== 'string'))
        throw new ToyError({ code: 'TOY', message: 'no texts.' });
      const length = Math.max(0, ...texts.map((text) => text.length));
      const codes = texts.flatMap((text: string) => Array.from({ length }, (_, at) => BigInt(text.charCodeAt(at) || 0)));
      return { input_ids: { type: 'int64', dims: [texts.length, length], data: BigInt64Array.from(codes) }, ...more(texts, length) };
    },
  };
}

async function failedChecks(part: ProcessorPart<'text'>): Promise<CheckName[]> {
  const plugin: Plugin = { specificationVersion: 'v1', name: 'padded', version: '1.0.0', parts: [part] };
  const failed: CheckName[] = [];
  for (const { check, run } of conformance(plugin, { samples: { text: ['a', 'longer'] } })) await run().catch(() => failed.push(check));
  return failed;
}

const attention_mask = (texts: readonly string[], length: number) => {
  const marks = texts.flatMap((text) => Array.from({ length }, (_, at) => BigInt(at < text.length)));
  return { type: 'int64', dims: [texts.length, length], data: BigInt64Array.from(marks) } as const;
};

describe('model inputs that are padded', () => {
  test('are compared without what their attention_mask hides', async () => {
    expect(await failedChecks(processorOf((texts, length) => ({ attention_mask: attention_mask(texts, length) })))).toEqual([]);
  });

  test('differ from the loop where no mask hides the padding', async () => {
    expect(await failedChecks(processorOf(() => ({})))).toEqual(['batch equals loop']);
  });

  test('differ where a tensor is there for some batches only', async () => {
    const sizes = { type: 'int32', dims: [2], data: Int32Array.of(1, 6) } as const;
    const part = processorOf((texts, length) => ({
      attention_mask: attention_mask(texts, length),
      ...(texts.length === 2 ? { sizes } : {}),
    }));
    expect(await failedChecks(part)).toEqual(['batch equals loop']);
  });

  test('may list all rows of a batch as one, as encoders of patches take them', async () => {
    const rows: ProcessorPart<'text'> = {
      ...processorOf(() => ({})),
      async process(texts, options) {
        await processorOf(() => ({})).process(texts, options);
        const data = Float32Array.from(texts.flatMap((text) => [...text].map((letter) => letter.charCodeAt(0))));
        return { patches: { type: 'float32', dims: [data.length, 1], data } };
      },
    };
    expect(await failedChecks(rows)).toEqual([]);
  });
});
