import { createRandom, emitOnnx, gradients, onnxBackend, ops } from '@polymodal/autograd';
import { convolution, initialize, moduleList, namedParameters, type Weights } from '@polymodal/nn';
import * as ort from 'onnxruntime-node';
import { pair, time } from './pair.js';
import type { BenchRow } from './row.js';
import { besideTorch, readResults, relativeDifference, type TorchStep, threads, withoutTorch } from './torch.js';

const channels = [3, 32, 64, 64] as const;
const dims = [32, channels[0], 64, 64] as const;
/** Of the loss, and of each tensor of gradients by its largest value: sums of float32 in another order. */
const tolerance = 1e-4;

/** The loss of the three convolutions and the gradients of their parameters, as one graph; trained weights are its inputs. */
function w4() {
  const layers = [0, 1, 2].map((i) => convolution(channels[i]!, channels[i + 1]!, { kernel: [4, 4], stride: 2, padding: 1 }));
  const model = moduleList(layers);
  const parameters = new Map([...namedParameters(model)].map(([name, node]) => [node, name]));
  let y = ops.input('x', 'float32', dims);
  layers.forEach((layer, i) => {
    y = i < 2 ? ops.relu(layer(y)) : layer(y); // [batch, channels, size, size]
  });
  const loss = ops.mean(ops.mul(y, y));
  const grads = gradients(loss, [...parameters.keys()]);
  const outputs = Object.fromEntries([...parameters.values()].map((name, i) => [`gradient.${name}`, grads[i]!]));
  return { model, graph: emitOnnx({ outputs: { loss, ...outputs }, parameters }) };
}

export const trainW4: BenchRow = {
  name: 'train/w4-conv',
  work: `loss and gradients of three convolutions 4 × 4 of stride 2 (${channels.join(' → ')} channels) on ${dims[0]} pictures of ${dims[2]} × ${dims[3]}, ${threads} threads`,
  async measure() {
    const { model, graph } = w4();
    const weights = initialize(model, 1);
    const random = createRandom(3);
    const x = { type: 'float32', dims, data: new Float32Array(dims.reduce((n, dim) => n * dim, 1)).map(() => random.normal()) } as const;
    const backend = onnxBackend(ort, { threads });
    const program = await backend.compile(graph);
    const tensors = (values: Weights) => Object.fromEntries([...values].map(([name, value]) => [name, backend.tensor(value)]));
    const feeds = { x: backend.tensor(x), ...tensors(weights) };
    const empty = new Map(
      [...weights].map(([name, value]) => [`gradient.${name}`, { ...value, data: new Float32Array(value.data.length) }]),
    );
    const out = tensors(empty);
    const step = async (): Promise<number> => {
      const { loss } = await program.run(feeds, out);
      const [value] = await loss!.read();
      loss!.dispose();
      return Number(value);
    };
    try {
      const forms = [false, true].map((channelsLast) => ({ channelsLast }));
      return await besideTorch('train_w4.py', new Map([...weights, ['x', x]]), forms, async (torch) => {
        let apart = 0;
        if (torch !== undefined) {
          const expected = await torch.ask<TorchStep>({ op: 'step' });
          const flat = await readResults(torch);
          apart = relativeDifference([await step()], [expected.loss!]);
          let at = 0;
          for (const tensor of Object.values(out)) {
            const found = (await tensor.read()) as Float32Array;
            apart = Math.max(apart, relativeDifference(found, flat.subarray(at, at + found.length)));
            at += found.length;
          }
          if (at !== flat.length) throw new Error(`train/w4-conv: PyTorch gave ${flat.length} values of gradients, ours are ${at}`);
          if (!(apart <= tolerance)) throw new Error(`train/w4-conv: loss or gradients differ by ${apart}, more than ${tolerance}`);
        }
        const peer = torch && (async () => (await torch.ask<TorchStep>({ op: 'step' })).ms);
        const result = await pair(() => time(step), peer, { pairs: 40, warmup: 10, settleMs: 100 });
        if (torch === undefined) return { ...result, ...withoutTorch };
        return {
          ...result,
          peer: torch.name,
          note: `loss and gradients agree to ${apart.toExponential(1)}; the fastest of ${torch.settings} thread settings and 2 memory layouts in PyTorch${torch.unfair}`,
        };
      });
    } finally {
      for (const tensor of [...Object.values(feeds), ...Object.values(out)]) tensor.dispose();
      await program.release();
      await backend.dispose();
    }
  },
};
