import { type Expr, emitOnnx, ops } from '@polymodal/autograd';
import { type Disposable, disposable, type TensorLike } from '@polymodal/modality-registry';
import { storedWeights } from '../export-onnx.js';
import type { EncoderDecoder } from '../models/decoder.js';
import { namedParameters } from '../module.js';
import { type CachedModelOptions, compileDecoder } from './cached-model.js';
import { disposeAll } from './cached-state.js';
import type { CausalModel } from './causal-model.js';
import { encoderChecks } from './encoder-inputs.js';
import { openModelGate } from './gate.js';

/** A compiled encoder and decoder. */
export interface ConditionalModel extends Disposable {
  /**
   * Reads what is to be told about, a batch of it, once: the model that comes back continues as many prompts. Its `dispose` frees what the
   * encoder gave. Throws `GenerationError` `GENERATION_INPUT` where the inputs are not the encoder's, or hold ids of no table.
   */
  read(inputs: Readonly<Record<string, TensorLike>>): Promise<CausalModel & Disposable>;
}

/**
 * Compiles an encoder and its decoder for generation: the encoder's output stays in the runtime, as keys and values that every step reads.
 * Throws `CheckpointError` where the weights are not the model's.
 *
 * @example const heard = await (await conditionalModel(whisper(config), { backend, weights })).read({ input_features });
 */
export async function conditionalModel(model: EncoderDecoder, options: CachedModelOptions): Promise<ConditionalModel> {
  const { backend, weights, float16 = false } = options;
  const fed = Object.fromEntries(Object.entries(model.inputs).map(([name, { type, dims }]) => [name, ops.input(name, type, dims)]));
  const outputs: Record<string, Expr> = {};
  const { layers, mask } = model.remember(fed);
  if (mask !== undefined) outputs['memory.mask'] = mask;
  layers.forEach(({ keys, values }, i) => {
    outputs[`memory.${i}.keys`] = keys;
    outputs[`memory.${i}.values`] = values;
  });
  const check = encoderChecks(model.inputs, Object.values(outputs));
  const encoder = await backend.compile(
    emitOnnx({
      outputs,
      parameters: new Map([...namedParameters(model)].map(([name, node]) => [node, name])),
      weights: storedWeights(model, weights, float16),
    }),
  );
  const gate = openModelGate();
  const decoder = await compileDecoder(model.decoder, options, gate).catch(async (error) => {
    await encoder.release();
    throw error;
  });
  return {
    async read(inputs) {
      check(inputs);
      const memory = await gate.pass(() => encoder.run(inputs));
      const own = openModelGate('what was read', 'Read it again.');
      return {
        ...(decoder.bind(memory, { pass: (work) => own.pass(() => gate.pass(work)) }) as CausalModel),
        ...disposable(async () => {
          await own.close();
          disposeAll(memory);
        }),
      };
    },
    ...disposable(async () => {
      await decoder.dispose();
      await encoder.release();
    }),
  };
}
