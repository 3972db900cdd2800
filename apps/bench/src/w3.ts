import { type Backend, createRandom, type Expr, ops } from '@polymodal/autograd';
import {
  adamW,
  type Batch,
  compileTrainingStep,
  embedding,
  layer,
  layerNorm,
  linear,
  moduleList,
  normal,
  type TrainingStep,
  type TrainingStepOptions,
  transformerBlock,
  type Weights,
} from '@polymodal/nn';

export const w3Size = { vocabulary: 1024, width: 192, heads: 3, blocks: 4, length: 64, batch: 16 } as const;

/** Token embedding, learned positions, four pre-norm blocks, final norm, untied head with bias. [batch, length] → [batch, length, vocabulary] */
export function w3Model() {
  const { vocabulary, width, heads, length } = w3Size;
  const tokens = embedding(vocabulary, width);
  const positions = ops.parameter([length, width], normal(0.02));
  const blocks = Array.from({ length: w3Size.blocks }, () => transformerBlock({ width, heads, activation: 'gelu_new' }));
  const norm = layerNorm(width);
  const head = linear(width, vocabulary);
  return layer({ tokens, positions, blocks: moduleList(blocks), norm, head }, (ids: Expr) =>
    head(norm(blocks.reduce((x, block) => block(x), ops.add(tokens(ids), positions)))),
  );
}

/** Random tokens and targets: as numbers for a peer, and as the batch of a training step. */
export function w3Data(): { readonly ids: number[]; readonly targets: number[]; readonly batch: Batch } {
  const random = createRandom(3);
  const draw = () => Array.from({ length: w3Size.batch * w3Size.length }, () => random.integer(w3Size.vocabulary));
  const [ids, targets] = [draw(), draw()];
  const tensor = (values: number[]) => ({
    type: 'int64' as const,
    dims: [w3Size.batch, w3Size.length],
    data: BigInt64Array.from(values, BigInt),
  });
  return { ids, targets, batch: { ids: tensor(ids), targets: tensor(targets) } };
}

/** Cross-entropy, all gradients, AdamW with decay of all parameters, as the peer's. */
export function w3Training(model: ReturnType<typeof w3Model>): Pick<TrainingStepOptions, 'optimizer' | 'decay' | 'loss'> {
  return {
    optimizer: adamW({ learningRate: 1e-3, weightDecay: 0.01 }),
    decay: () => true,
    loss: (fed) => ops.crossEntropy(model(fed.ids!), fed.targets!),
  };
}

/** Builds and compiles the step. */
export function w3Step(model: ReturnType<typeof w3Model>, backend: Backend, weights: Weights, batch: Batch): Promise<TrainingStep> {
  return compileTrainingStep(model, { ...w3Training(model), backend, batch, weights });
}
