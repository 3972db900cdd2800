import { afterAll, expect, test } from '@jest/globals';
import { type Expr, onnxBackend, ops } from '@polymodal/autograd';
import * as ort from 'onnxruntime-node';
import { expectClose } from '../test/goldens.js';
import { runBoth } from '../test/model-goldens.js';
import { multiHeadAttention, selfAttention } from './attention.js';
import { initialize } from './initialize.js';
import { rowAttention } from './models/spatial-attention.js';
import { transformerEncoder } from './models/transformer-stacks.js';
import type { Layer } from './module.js';

const [width, length] = [4, 3];
const x = ops.constant({ type: 'float32', dims: [1, length, width], data: Float32Array.from({ length: 12 }, (_, i) => Math.sin(i)) });
const nowhere = ops.constant({ type: 'bool', dims: [1, 1, length, length], data: new Uint8Array(length * length) });

const backend = onnxBackend(ort, { threads: 1 });
afterAll(() => backend.dispose());

const own = selfAttention(width, 2);
const across = multiHeadAttention(width, 2);
const stack = transformerEncoder({ width, heads: 2, layers: 1, hidden: 4 });
const rows = rowAttention({ width, heads: 2, bias: true });

test.each<[string, Layer<never>, (mask?: Expr) => Expr, string]>([
  ['selfAttention', own, (mask) => own(x, mask), 'qkv'],
  ['multiHeadAttention', across, (mask) => across(x, x, mask), 'query'],
  ['transformerEncoder', stack, (mask) => stack(x, mask), 'layers.0.self_attn.in_proj_'],
  ['attention among positions of a picture', rows, (mask) => rows(x, x, mask), 'to_q'],
])('%s: where every key is masked the weights are equal, as those of queries of 0', async (_, layer, forward, queries) => {
  const start = initialize(layer, 3);
  const silent = new Map(
    [...start].map(([name, { type, dims, data }]) => {
      const count = name.startsWith(queries) ? width * (dims[1] ?? 1) : 0; // of fused projections the queries are the first
      return [name, { type, dims, data: Float32Array.from(data, (value, i) => (i < count ? 0 : value)) }];
    }),
  );
  const masked = await runBoth(backend, layer, { y: forward(nowhere) }, start);
  const equal = await runBoth(backend, layer, { y: forward() }, silent);
  const free = await runBoth(backend, layer, { y: forward() }, start);
  for (const kind of ['float64', 'onnx'] as const) {
    expectClose(masked[kind].y!, equal[kind].y!, 1e-6);
    expect(free[kind].y!.some((value, i) => Math.abs(value - equal[kind].y![i]!) > 1e-4)).toBe(true);
  }
});
