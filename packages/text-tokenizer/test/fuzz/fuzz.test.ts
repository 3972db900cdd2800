import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { TokenizerError } from '../../src/errors.js';
import { loadTokenizer } from '../../src/load-tokenizer.js';
import { fuzzInput, fuzzOne, parsers } from './parsers.js';

/** What failed once, and must not again. */
const corpus: readonly { readonly parser: string; readonly run: number; readonly was: string; readonly file: string }[] = JSON.parse(
  readFileSync(new URL('./corpus.json', import.meta.url), 'utf8'),
);

/** `npm run fuzz` runs a hundred times as many, in a thread that is watched for time and memory. */
const runs = 2000;

describe('every parser of outside files', () => {
  test.each(Object.keys(parsers))(`${runs} made and damaged files: %s`, (name) => {
    const outcomes = { accepted: 0, refused: 0 };
    for (let run = 0; run < runs; run++) {
      const file = fuzzInput(name, 20_260_101, run);
      try {
        outcomes[fuzzOne(name, file, run)]++;
      } catch (cause) {
        throw new Error(`run ${run} of ${name}: ${(cause as Error).message}`, { cause });
      }
    }
    // A fuzz that is always refused, or never, tests little.
    expect(outcomes.accepted).toBeGreaterThan(runs / 20);
    expect(outcomes.refused).toBeGreaterThan(runs / 20);
  });
});

test.each(corpus.map(({ parser, was, run, file }) => [parser, was, run, file] as const))(
  '%s, what failed once: %s',
  (parser, _, run, file) => {
    expect(fuzzOne(parser, Uint8Array.from(Buffer.from(file, 'base64')), run, true)).toMatch(/accepted|refused/);
  },
);

test.each(['[', '[],', '[[[[[[[[]]]]]]]],', '{"a":{}},', '1,'])(
  'a hundred megabytes of %s are refused before anything is built of them',
  (unit) => {
    const bytes = Buffer.alloc(100_000_000, unit);
    bytes[0] = 0x5b;
    const start = performance.now();
    expect(() => loadTokenizer(bytes)).toThrow(TokenizerError);
    expect(performance.now() - start).toBeLessThan(5000);
  },
);
