import { createRandom, onnxBackend, type Random } from '@polymodal/autograd';
import { cachedModel, gpt2, gpt2Configs, type Module, namedParameters, type Weights } from '@polymodal/nn';
import * as ort from 'onnxruntime-node';
import { memoryReader } from './memory-reader.js';
import { pair, time } from './pair.js';
import type { BenchRow } from './row.js';
import { relativeDifference, threads } from './torch.js';

/** The blocks of the published size; a small vocabulary, so that the step is theirs. */
const config = { ...gpt2Configs.gpt2, vocab_size: 64 };
const [prompt, warmup, pairs] = [64, 10, 60];
/** Of the logits by their largest: a step against the same sequence read at once. */
const tolerance = 1e-5;

/** Gains of about one, all else about zero: in place of a normal distribution, which takes long to draw for 85 million weights. */
function cheapWeights(model: Module, random: Random): Weights {
  const table = Float32Array.from({ length: 65_521 }, () => 0.02 * random.normal());
  let at = 0;
  return new Map(
    [...namedParameters(model)].map(([name, node]) => {
      const dims = node.dims as readonly number[];
      const centre = /ln_\w+\.weight$/.test(name) ? 1 : 0;
      const data = new Float32Array(dims.reduce((n, dim) => n * dim, 1));
      for (let i = 0; i < data.length; i++) {
        data[i] = centre + table[at]!;
        at = (at + 1) % table.length;
      }
      return [name, { type: 'float32' as const, dims, data }];
    }),
  );
}

export const generateBlocks: BenchRow = {
  name: 'generate/gpt2-block-cached',
  work: `one token through the ${config.n_layer} blocks of GPT-2 (width ${config.n_embd}) behind ${prompt} to ${prompt + warmup + pairs} cached ones, ${threads} threads`,
  async measure() {
    const decoder = gpt2(config);
    const random = createRandom(7);
    const weights = cheapWeights(decoder, random);
    const backend = onnxBackend(ort, { threads });
    const model = await cachedModel(decoder, { backend, weights });
    const blocks = [...weights].filter(([name]) => name.startsWith('h.')).reduce((n, [, { data }]) => n + data.byteLength, 0);
    const past = (prompt + warmup + pairs / 2) * config.n_layer * 2 * config.n_embd * Float32Array.BYTES_PER_ELEMENT;
    const reader = await memoryReader(blocks + past);
    try {
      const sequence = Array.from({ length: prompt + 1 }, () => random.integer(config.vocab_size));
      const whole = await model.prefill([sequence]);
      let { state } = await model.prefill([sequence.slice(0, prompt)]);
      const stepped = await model.step(state, sequence.slice(prompt));
      const apart = relativeDifference(stepped.logits[0]!, whole.logits[0]!);
      if (!(apart <= tolerance)) throw new Error(`generate/gpt2-block-cached: logits differ by ${apart}, more than ${tolerance}`);
      model.release(whole.state);
      state = stepped.state;
      const step = async () => {
        ({ state } = await model.step(state, [1]));
      };
      const read = () => {
        if (reader.read() !== reader.expected) throw new Error('generate/gpt2-block-cached: not every byte was read');
      };
      const result = await pair(
        () => time(step),
        () => time(read),
        { pairs, warmup, settleMs: 100 },
      );
      model.release(state);
      return {
        ...result,
        peer: `${threads} threads that read as many bytes once (weights and past, ${(reader.bytes / 1e6).toFixed(0)} MB)`,
        note: `a step's logits agree with those of the sequence read at once to ${apart.toExponential(1)}; the reading threads get ${(reader.bytes / result.peerMs! / 1e6).toFixed(1)} GB/s`,
      };
    } finally {
      await reader.close();
      await model.dispose();
      await backend.dispose();
    }
  },
};
