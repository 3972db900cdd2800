import { show } from './assert.js';
import type { Call } from './batch-cases.js';
import type { Context } from './options.js';

/** Every way to call a verb with raw data that it must refuse. */
export function badRawCalls(context: Context, modality: string, call: (inputs: never) => Promise<unknown>): Call[] {
  const good = context.samples[modality]![0];
  const bad = [...defaultInvalid(modality, good), ...context.invalid(modality)];
  const run = (inputs: unknown) => () => call(inputs as never);
  return [
    { what: 'null instead of a batch', run: run(null) },
    // A string is iterable, so it is easily taken for a batch of letters.
    { what: "the string 'ab' instead of a batch", run: run('ab') },
    ...bad.map((item) => ({ what: `a batch of ${describe(item)}`, run: run([item]) })),
    ...bad.slice(0, 1).map((item) => ({ what: `a batch of a valid item and ${describe(item)}`, run: run([good, item]) })),
  ];
}

function defaultInvalid(modality: string, good: unknown): unknown[] {
  const others: unknown[] = [null, undefined, 42, 'ab', {}].filter((value) => value === null || typeof value !== typeof good);
  return [...others, ...(Object.hasOwn(malformed, modality) ? malformed[modality as keyof typeof malformed] : [])];
}

const malformed = {
  image: [
    {},
    { data: new Uint8Array(11), width: 2, height: 2, channels: 3 },
    { data: new Uint8Array(12), width: -2, height: -2, channels: 3 },
    { data: new Uint8Array(12), width: Number.NaN, height: 2 },
    { data: new Uint8Array(0), width: 60_000, height: 60_000, channels: 3 },
  ],
  audio: [
    {},
    { data: [0, 0.5], sampleRate: 16_000 },
    { data: new Float32Array(400), sampleRate: 0 },
    { data: new Float32Array(400), sampleRate: Number.NaN },
  ],
  video: [{}, { frames: 42 }, { frames: [null] }],
} as const;

function describe(item: unknown): string {
  return typeof item === 'object' && item !== null
    ? JSON.stringify(item, (_, value) => (ArrayBuffer.isView(value) ? show(value) : value))
    : show(item);
}
