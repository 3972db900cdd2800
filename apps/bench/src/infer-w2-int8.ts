import { onnxBackend } from '@polymodal/autograd';
import * as ort from 'onnxruntime-node';
import { pair, time } from './pair.js';
import type { BenchRow } from './row.js';
import { relativeDifference, threads } from './torch.js';
import { batch, length, w2, width } from './w2.js';

export const inferW2Int8: BenchRow = {
  name: 'infer/w2-block-int8',
  work: `the transformer block of infer/w2-block (width ${width}, batch ${batch} × ${length} tokens) with products of integers, ${threads} threads`,
  async measure() {
    const { x, exported } = w2();
    const backend = onnxBackend(ort, { threads });
    const [integers, floats] = [exported('dynamic'), exported()];
    const programs = await Promise.all([backend.compile(integers), backend.compile(floats)]);
    const run = (which: 0 | 1) => async () => (await programs[which].run({ x })).output!.read();
    try {
      const [found, expected] = [await run(0)(), await run(1)()] as [Float32Array, Float32Array];
      const result = await pair(
        () => time(run(0)),
        () => time(run(1)),
        { pairs: 40, warmup: 10, settleMs: 100 },
      );
      return {
        ...result,
        peer: 'the same block in float32',
        note: `${(integers.length / floats.length).toFixed(2)} of the bytes; outputs differ by ${relativeDifference(found, expected).toExponential(1)} of the largest`,
      };
    } finally {
      for (const program of programs) await program.release();
      await backend.dispose();
    }
  },
};
