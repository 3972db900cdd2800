import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from '@jest/globals';
import * as ort from 'onnxruntime-node';
import { type Expr, emitOnnx, evaluate, gradients, type OrtModule, onnxBackend, ops } from '../src/index.js';

// Losses of published systems, written with operators as a model would write them, against the originals and their gradients.

interface Stored {
  readonly dims: readonly number[];
  readonly data: readonly number[];
}

interface Contrastive {
  readonly image: Stored;
  readonly text: Stored;
  readonly loss: number;
}

interface Clip extends Contrastive {
  readonly logit_scale: number;
  readonly grad_image: Stored;
  readonly grad_text: Stored;
  readonly grad_logit_scale: number;
}

interface Siglip extends Clip {
  readonly logit_bias: number;
  readonly grad_logit_bias: number;
}

interface Simclr extends Contrastive {
  readonly temperature: number;
  readonly grad: Stored;
}

interface Quantized {
  readonly vq_loss: number;
  readonly indices: Stored;
  readonly z_q: Stored;
  readonly grad_z: Stored;
  readonly grad_codebook: Stored;
}

interface Quantize {
  readonly z: Stored;
  readonly codebook: Stored;
  readonly w: Stored;
  readonly legacy: Quantized;
  readonly fixed_beta: Quantized;
}

const goldens = JSON.parse(readFileSync(new URL('./goldens/losses.json', import.meta.url), 'utf8')) as {
  readonly clip_loss: readonly Clip[];
  readonly siglip_loss: readonly Siglip[];
  readonly simclr_ntxent: readonly Simclr[];
  readonly vector_quantize: readonly Quantize[];
};

const backend = onnxBackend(ort as unknown as OrtModule, { threads: 1 });
afterAll(() => backend.dispose());

const scalar = (value: number): Stored => ({ dims: [], data: [value] });
const float32 = ({ dims, data }: Stored) => ({ type: 'float32' as const, dims, data: Float32Array.from(data) });
const leaf = (name: string, { dims }: Stored) => ops.input(name, 'float32', dims);

/** Compares expressions with what the original gave, in float64 and on ONNX Runtime; the goldens' own tolerance is 1e-4. */
async function agree(pairs: readonly (readonly [Expr, Stored])[], feeds: Readonly<Record<string, Stored>>): Promise<void> {
  const inputs = Object.fromEntries(Object.entries(feeds).map(([name, value]) => [name, float32(value)]));
  const values = evaluate(
    pairs.map(([y]) => y),
    { inputs },
  );
  const program = await backend.compile(emitOnnx({ outputs: Object.fromEntries(pairs.map(([y], i) => [`y${i}`, y])) }));
  const results = await program.run(inputs);
  for (const [i, [, { dims, data }]] of pairs.entries()) {
    const run = Float64Array.from((await results[`y${i}`]!.read()) as ArrayLike<number>, Number);
    expect(values[i]!.dims).toEqual(dims);
    for (const [at, value] of data.entries()) {
      expect(Math.abs(values[i]!.data[at]! - value)).toBeLessThan(1e-5 * Math.max(1, Math.abs(value)));
      expect(Math.abs(run[at]! - value)).toBeLessThan(2e-5 * Math.max(1, Math.abs(value)));
    }
  }
  await program.release();
}

describe.each(goldens.clip_loss)("CLIP's loss, $image.dims at a scale of $logit_scale", (golden) => {
  test('and its gradients are those of open_clip', async () => {
    const feeds = { image: golden.image, text: golden.text, scale: scalar(golden.logit_scale) };
    const [image, text, scale] = [leaf('image', feeds.image), leaf('text', feeds.text), leaf('scale', feeds.scale)];
    const logits = ops.mul(ops.matmul(ops.l2Normalize(image), ops.l2Normalize(text), { transposeB: true }), ops.exp(scale));
    const targets = ops.range(golden.image.dims[0]!);
    const loss = ops.mul(ops.add(ops.crossEntropy(logits, targets), ops.crossEntropy(ops.transpose(logits), targets)), 0.5);
    const [dImage, dText, dScale] = gradients(loss, [image, text, scale]);
    await agree(
      [
        [loss, scalar(golden.loss)],
        [dImage!, golden.grad_image],
        [dText!, golden.grad_text],
        [dScale!, scalar(golden.grad_logit_scale)],
      ],
      feeds,
    );
  });
});

describe.each(goldens.siglip_loss)("SigLIP's loss, $image.dims at a scale of $logit_scale", (golden) => {
  test('and its gradients are those of open_clip', async () => {
    const count = golden.image.dims[0]!;
    const feeds = { image: golden.image, text: golden.text, scale: scalar(golden.logit_scale), bias: scalar(golden.logit_bias) };
    const leaves = Object.entries(feeds).map(([name, value]) => leaf(name, value));
    const [image, text, scale, bias] = leaves as [Expr, Expr, Expr, Expr];
    const cosines = ops.matmul(ops.l2Normalize(image), ops.l2Normalize(text), { transposeB: true });
    const logits = ops.add(ops.mul(cosines, ops.exp(scale)), bias);
    const signs = ops.sub(ops.mul(ops.oneHot(ops.range(count), count), 2), 1);
    const loss = ops.div(ops.neg(ops.sum(ops.logSigmoid(ops.mul(signs, logits)))), count);
    const found = gradients(loss, leaves);
    const expected = [golden.grad_image, golden.grad_text, scalar(golden.grad_logit_scale), scalar(golden.grad_logit_bias)];
    await agree([[loss, scalar(golden.loss)], ...found.map((own, i) => [own, expected[i]!] as const)], feeds);
  });
});

describe.each(goldens.simclr_ntxent)("SimCLR's loss, $image.dims at a temperature of $temperature", (golden) => {
  test('and its gradient are those of its code', async () => {
    const count = golden.image.dims[0]!;
    const views = { dims: golden.grad.dims, data: [...golden.image.data, ...golden.text.data] };
    const x = leaf('views', views);
    const unit = ops.l2Normalize(x);
    const cosines = ops.div(ops.matmul(unit, unit, { transposeB: true }), golden.temperature);
    const itself = ops.oneHot(ops.range(2 * count), 2 * count);
    const partners = ops.concat([ops.add(ops.range(count), count), ops.range(count)], 0);
    const loss = ops.crossEntropy(ops.where(itself, -1e9, cosines), partners);
    await agree(
      [
        [loss, scalar(golden.loss)],
        [gradients(loss, [x])[0]!, golden.grad],
      ],
      { views },
    );
  });
});

describe.each(goldens.vector_quantize)('vector quantisation of $z.dims with $codebook.dims codes', (golden) => {
  const [z, codebook, w] = [leaf('z', golden.z), leaf('codebook', golden.codebook), leaf('w', golden.w)];
  const last = ops.transpose(z, [0, 2, 3, 1]); // [batch, height, width, channels]
  const rows = ops.reshape(last, [-1, golden.codebook.dims[1]!]);
  const square = (x: Expr) => ops.sum(ops.mul(x, x), -1, true);
  const products = ops.matmul(rows, codebook, { transposeB: true });
  const distances = ops.sub(ops.add(square(rows), ops.transpose(square(codebook))), ops.mul(products, 2)); // [rows, codes]
  const indices = ops.reshape(ops.argmin(distances), last.dims.slice(0, -1));
  const nearest = ops.gather(codebook, indices); // [batch, height, width, channels]

  test.each([
    ['legacy', 1, 0.25],
    ['fixed_beta', 0.25, 1],
  ] as const)("is taming-transformers' (%s)", async (kind, commitment, codes) => {
    const expected = golden[kind];
    const loss = ops.add(
      ops.mul(ops.meanSquaredError(ops.stopGradient(nearest), last), commitment),
      ops.mul(ops.meanSquaredError(nearest, ops.stopGradient(last)), codes),
    );
    const quantized = ops.transpose(ops.straightThrough(ops.stopGradient(nearest), last), [0, 3, 1, 2]);
    const [dz, dCodebook] = gradients(ops.add(ops.sum(ops.mul(quantized, w)), loss), [z, codebook]);
    await agree(
      [
        [indices, expected.indices],
        [quantized, expected.z_q],
        [loss, scalar(expected.vq_loss)],
        [dz!, expected.grad_z],
        [dCodebook!, expected.grad_codebook],
      ],
      { z: golden.z, codebook: golden.codebook, w: golden.w },
    );
  });
});
