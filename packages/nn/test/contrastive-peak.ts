/** Trains two encoders contrastively on a large batch in so many parts, and tells the losses and by how much that raised the peak of its memory; a test runs this. */
import { createRandom, type Expr, onnxBackend, ops } from '@polymodal/autograd';
import * as ort from 'onnxruntime-node';
import { peakResidentBytes } from '../../../scripts/peak-memory.js';
import { adamW, compileTrainingStep, constantValue, gelu, initialize, layer, linear, sequential } from '../src/index.js';
import { float32 } from './problems.js';

const [rows, tokens, width] = [256, 64, 128];
const parts = Number(process.argv[2]);
const tower = () => sequential(...Array.from({ length: 4 }, () => [linear(width, width), gelu()]).flat(), linear(width, width));
const [images, texts] = [tower(), tower()];
const scale = ops.parameter([1], constantValue(1));
const model = layer({ images, texts, scale }, images);

const random = createRandom(1);
const draw = () =>
  float32(
    [rows, tokens, width],
    Float32Array.from({ length: rows * tokens * width }, () => random.uniform() - 0.5),
  );
const batch = { pixels: draw(), words: draw() };
const right = ops.range(rows);
const step = await compileTrainingStep(model, {
  backend: onnxBackend(ort, { threads: 1 }),
  batch,
  encode: ({ pixels, words }) => ({ image: ops.mean(images(pixels!), 1), text: ops.mean(texts(words!), 1) }),
  loss({ image, text }) {
    const logits = ops.mul(ops.matmul(ops.l2Normalize(image!), ops.l2Normalize(text!), { transposeB: true }), ops.exp(scale));
    const one = (scores: Expr) => ops.crossEntropy(scores, right);
    return ops.mul(ops.add(one(logits), one(ops.transpose(logits))), 0.5);
  },
  optimizer: adamW({ learningRate: 1e-3 }),
  weights: initialize(model, 1),
  microBatches: parts,
});
const before = peakResidentBytes();
const losses: number[] = [];
for (let i = 0; i < 3; i++) losses.push((await step.run(batch, i, 3)).loss!);
console.log(JSON.stringify({ losses, growth: peakResidentBytes() - before }));
