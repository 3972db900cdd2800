import { afterAll, describe, expect, test } from '@jest/globals';
import { onnxBackend, ops } from '@polymodal/autograd';
import * as ort from 'onnxruntime-node';
import { gelu, layer, linear, type Module, sequential } from '../src/index.js';
import { dalleBlock } from './dalle-block.js';
import { expectClose } from './goldens.js';
import { expectBlock, modelGolden, runBoth } from './model-goldens.js';

const backend = onnxBackend(ort, { threads: 1 });
afterAll(() => backend.dispose());

// Blocks of published systems, put together from layers as a user would, against the originals.

test("LLaVA's projector: outputs, the gradients of all weights and that of its input", async () => {
  const golden = modelGolden('llava-projector');
  const projector = sequential(linear(12, 20), gelu(), linear(20, 20)); // Under LLaVA's names: '0.weight' … '2.bias'.
  const x = ops.parameter([2, 6, 12], () => new Float32Array(144));
  const fed = layer({ projector, x }, () => x);
  const [weights, gradients] = [golden.weights, golden.gradients].map(
    (named) => new Map([...named].map(([name, tensor]) => [name === 'x' ? 'x' : `projector.${name}`, tensor])),
  ) as [typeof golden.weights, typeof golden.gradients];
  weights.set('x', golden.tensor('x') as never);
  await expectBlock(backend, fed, projector(x), { ...golden, weights, gradients }, 1e-5);
});

describe("DALL-E's blocks", () => {
  const golden = modelGolden('dalle');

  const named = (side: string, prefix: string) =>
    [...golden.under(`${side}.`)].map(([name, tensor]) => {
      const place = /conv_(\d)/.exec(name)?.[1];
      const own = place === undefined ? 'shortcut' : `path.${2 * Number(place) - 1}`;
      return [`${prefix}${own}.${name.endsWith('.w') ? 'weight' : 'bias'}`, tensor] as const;
    });

  test('encoder, decoder, pooling and upsampling', async () => {
    const [encoder, decoder] = [dalleBlock(8, 16, 4, [3, 3, 3, 1]), dalleBlock(16, 8, 2, [1, 3, 3, 3])];
    const x = ops.constant(golden.tensor('x'));
    const encoded = encoder(x);
    const both: Module = layer({ encoder, decoder }, () => x);
    const outputs = {
      encoded,
      decoded: decoder(encoded),
      pooled: ops.maxPool(x, { kernel: 2, stride: 2 }),
      upsampled: ops.upsampleNearest(x, 2),
    };
    const weights = new Map([...named('encoder', 'encoder.'), ...named('decoder', 'decoder.')]);
    expect(weights.size).toBe(20);
    const { float64, onnx } = await runBoth(backend, both, outputs, weights);
    for (const results of [float64, onnx])
      for (const name of Object.keys(outputs)) expectClose(results[name]!, golden.tensor(name).data as Float32Array, 1e-5);
  });
});
