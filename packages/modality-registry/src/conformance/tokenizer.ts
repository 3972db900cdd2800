import type { TensorLike, TokenizerPart, Tokens } from '../index.js';
import { check, show } from './assert.js';
import { batchCases, type Call } from './batch-cases.js';
import type { ConformanceCase, MakeCase } from './case.js';
import { difference } from './compare.js';
import type { Context } from './options.js';
import { badRawCalls } from './raw.js';
import { checkTokenDTypes, checkTokenShapes, compareTokens, realTokens, tokenTensors } from './tokens.js';

export function tokenizerCases(part: TokenizerPart, context: Context, make: MakeCase): ConformanceCase[] {
  const { tolerance } = context;
  const samples = context.samples[part.modality]! as readonly never[];
  const encodeAll = () => part.encode([...samples]);

  const cases = batchCases<readonly never[], Tokens>(
    {
      count: samples.length,
      tolerance,
      prepare: async (indices) => indices.map((index) => samples[index]!),
      original: (indices) => indices.map((index) => context.originals[part.modality]![index]),
      call: (inputs, options) => part.encode(inputs, options),
      tensors: tokenTensors,
      checkShapes: checkTokenShapes,
      checkDTypes: checkTokenDTypes,
      compareWithLoop: (batch, singles) => compareTokens(batch, singles, tolerance),
      badCalls: async () => [
        ...badRawCalls(context, part.modality, (inputs) => part.encode(inputs)),
        ...badDecodes(part, await encodeAll()),
      ],
      furtherCalls: async () => {
        if (part.decode === undefined) return [];
        const tokens = await encodeAll();
        return [{ what: 'decode', input: tokens, run: (options) => part.decode!(tokens, options) }];
      },
    },
    make,
  );

  if (part.vocabularySize !== undefined)
    cases.push(make('ids within the vocabulary', async () => checkIds((await encodeAll()).ids, part.vocabularySize!)));
  cases.push(
    make('offsets within bounds', async () => checkOffsets(await encodeAll(), samples, (sample) => context.extent(part.modality, sample))),
  );
  if (part.decode !== undefined) cases.push(make('round trip', () => checkRoundTrip(part, samples, context)));
  return cases;
}

function checkIds(ids: TensorLike | undefined, size: number): void {
  check(ids !== undefined, () => `the tokenizer states a vocabularySize of ${size}, but its tokens have no ids.`);
  const odd = Array.from<number | bigint>(ids.data).find((id) => id < 0 || id >= size);
  check(odd === undefined, () => `id ${odd} lies outside the ${size} ids that vocabularySize states.`);
}

function checkOffsets(tokens: Tokens, samples: readonly unknown[], extent: (sample: unknown) => number): void {
  const { offsets } = tokens;
  if (offsets === undefined) return;
  const length = Object.values(tokenTensors(tokens))[0]!.dims[1]!;
  check(offsets.length === samples.length, () => `offsets has ${offsets.length} items for a batch of ${samples.length}.`);
  for (const [item, pairs] of offsets.entries()) {
    check(
      pairs.length === length,
      () => `offsets[${item}] has ${pairs.length} pairs for ${length} tokens; special tokens and padding have [0, 0].`,
    );
    const end = extent(samples[item]);
    const odd = pairs.find(
      ([from, to]) => !(Number.isSafeInteger(from) && Number.isSafeInteger(to) && from >= 0 && from <= to && to <= end),
    );
    check(odd === undefined, () => `offsets[${item}] holds ${show(odd)}, but 0 ≤ start ≤ end ≤ ${end} was expected.`);
  }
}

async function checkRoundTrip(part: TokenizerPart, samples: readonly never[], { tolerance, roundTrip }: Context): Promise<void> {
  const tokens = await part.encode([...samples]);
  const back = (await part.decode!(tokens)) as never[];
  const complete = Array.isArray(back) && back.length === samples.length;
  check(complete, () => `decode gave ${show(back)} for a batch of ${samples.length}, but one raw item for each was expected.`);
  const mode = roundTrip(part.modality);
  if (mode === 'lossy') return;
  if (mode === 'raw') {
    const found = difference(back, samples, tolerance);
    check(
      found === undefined,
      () => `decode(encode(raw)) is not raw, at ${found}. If that is by design, pass roundTrip: 'tokens' or 'lossy'.`,
    );
    return;
  }
  const again = await part.encode(back);
  for (const item of samples.keys()) {
    const { offsets: _now, ...now } = realTokens(again, item);
    const { offsets: _then, ...then } = realTokens(tokens, item);
    const found = difference(now, then, tolerance, `item ${item}`);
    check(
      found === undefined,
      () => `what decode gave encodes to other tokens, at ${found}. If that is by design, pass roundTrip: 'lossy'.`,
    );
  }
}

function badDecodes(part: TokenizerPart, tokens: Tokens): Call[] {
  if (part.decode === undefined) return [];
  const run = (given: unknown) => () => part.decode!(given as never);
  const calls = [
    { what: 'decode of null', run: run(null) },
    { what: 'decode of tokens without ids and values', run: run({}) },
  ];
  const [name, main] = Object.entries(tokenTensors(tokens))[0]!;
  calls.push({
    what: `decode of ${name} with fewer elements than dims need`,
    run: run({ ...tokens, [name]: { ...main, dims: [main.dims[0]! + 1, ...main.dims.slice(1)] } }),
  });
  if (part.vocabularySize !== undefined && name === 'ids') {
    const data = main.type === 'int64' ? BigInt64Array.of(BigInt(part.vocabularySize)) : Int32Array.of(part.vocabularySize);
    calls.push({ what: 'decode of an id past the vocabulary', run: run({ ids: { type: main.type, dims: [1, 1], data } }) });
  }
  return calls;
}
