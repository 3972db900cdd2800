import type { Backend, Expr, Program, Tensor } from '@polymodal/autograd';
import type { TensorLike } from '@polymodal/modality-registry';
import { checkBatchNames, namingMissing } from './training-checks.js';
import { batchInputs, emitTraining, metricOutputs, reportedOf, type TrainingPlan } from './training-graph.js';
import { namingIndices } from './training-indices.js';
import { metricName } from './training-names.js';
import type { Batch, BatchExpr, Loss, TrainingStepOptions } from './training-step.js';

/** Computes a loss and metrics with the weights of a run, without changing them. */
export interface Evaluator {
  /** The loss and metrics of a batch. Every shape of batch is compiled once. */
  run(batch: Batch): Promise<Readonly<Record<string, number>>>;
  /** Frees its graphs; calling it twice is harmless. */
  release(): Promise<void>;
}

interface EvaluatorOptions extends Pick<TrainingPlan, 'model' | 'stateDims'>, Pick<TrainingStepOptions, 'weights'> {
  readonly backend: Backend;
  readonly loss: (batch: BatchExpr) => Loss;
  /** Where the value of a parameter or buffer that is no constant is now. */
  readonly resident: (name: string) => Tensor;
}

export function createEvaluator({ backend, loss, resident, model, stateDims, weights }: EvaluatorOptions): Evaluator {
  const programs = new Map<string, Promise<{ readonly program: Program; readonly reported: Readonly<Record<string, Expr>> }>>();
  const compile = async (batch: Batch) => {
    checkBatchNames(Object.keys(batch), model.parameters, new Set());
    const reported = reportedOf(namingMissing(loss, batchInputs(batch), 'an evaluation'));
    const bytes = emitTraining(model, stateDims, weights, metricOutputs(reported));
    return { program: await backend.compile(bytes), reported };
  };
  return {
    async run(batch) {
      const key = JSON.stringify(Object.entries(batch).map(([name, { type, dims }]) => [name, type, dims]));
      const known = programs.get(key) ?? compile(batch);
      programs.set(key, known);
      const { program, reported } = await known;
      const feeds: Record<string, Tensor | TensorLike> = {};
      for (const name of program.inputNames) feeds[name] = batch[name] ?? resident(name);
      const outputs = Object.values(reported);
      const results = await namingIndices(() => program.run(feeds), { outputs, batch, model, when: 'an evaluation' });
      const report: Record<string, number> = {};
      for (const name of Object.keys(reported)) {
        report[name] = Number((await results[metricName(name)]!.read())[0]);
        results[metricName(name)]!.dispose();
      }
      return report;
    },
    async release() {
      for (const one of programs.values()) await (await one.catch(() => undefined))?.program.release();
      programs.clear();
    },
  };
}
