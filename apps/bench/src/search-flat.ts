import { create, insertMultiple, searchVector } from '@orama/orama';
import { createRandom } from '@polymodal/autograd';
import { flatIndex } from '@polymodal/retrieval';
import { packageVersion } from './installed.js';
import { pair, time } from './pair.js';
import type { BenchRow } from './row.js';

const size = { candidates: 1322, width: 128, queries: 64, k: 12 } as const;

/** A vector of normal numbers, of length 1. */
function unitVector(random: ReturnType<typeof createRandom>): Float32Array {
  const vector = Float32Array.from({ length: size.width }, () => random.normal());
  const length = Math.hypot(...vector);
  return vector.map((x) => x / length);
}

export const searchFlat: BenchRow = {
  name: 'search/flat-1322',
  work: `${size.queries} exact searches, one after another, for the best ${size.k} of ${size.candidates} vectors of width ${size.width}`,
  async measure() {
    const random = createRandom(5);
    const vectors = Array.from({ length: size.candidates }, () => unitVector(random));
    const queries = Array.from({ length: size.queries }, () => unitVector(random));
    const index = flatIndex({ space: { name: 'bench', fingerprint: '0123456789abcdef' }, width: size.width });
    await index.add(vectors.map((vector, i) => ({ id: String(i), vector })));
    const database = create({ schema: { vector: `vector[${size.width}]` } as const });
    await insertMultiple(
      database,
      vectors.map((vector, i) => ({ id: String(i), vector: Array.from(vector) })),
    );
    const lists = queries.map((query) => Array.from(query));

    const oursOf = async (query: Float32Array) => (await index.search(query, { k: size.k })).map(({ id }) => id);
    const peerOf = async (value: number[]) => {
      const { hits } = await searchVector(database, {
        mode: 'vector',
        vector: { value, property: 'vector' },
        similarity: -1,
        limit: size.k,
      });
      return hits.map(({ id }) => id);
    };
    for (const [i, query] of queries.entries()) {
      const [ours, peer] = [await oursOf(query), await peerOf(lists[i]!)];
      if (ours.join() !== peer.join()) throw new Error(`search/flat-1322: query ${i} gives ${ours} here and ${peer} in Orama`);
    }
    const result = await pair(
      () =>
        time(async () => {
          for (const query of queries) await oursOf(query);
        }),
      () =>
        time(async () => {
          for (const list of lists) await peerOf(list);
        }),
      { pairs: 50, warmup: 10 },
    );
    const each = (result.oursMs / size.queries).toPrecision(2);
    return {
      ...result,
      peer: `Orama ${packageVersion('@orama/orama')} (vector search)`,
      note: `${each} ms a search; same pictures found by both`,
    };
  },
};
