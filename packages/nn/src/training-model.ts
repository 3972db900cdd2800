import type { Parameter } from '@polymodal/autograd';
import { TrainingError } from './errors.js';
import { isBuffer, type Module, namedParameters } from './module.js';
import type { Optimizer, ParameterGroup } from './optimizer.js';
import { checkBounds, checkStartValues } from './training-checks.js';
import { averageName, slotName } from './training-names.js';
import type { TrainingStepOptions } from './training-step.js';

/** What of a model learns, and by which optimiser. */
export interface TrainingModel {
  /** With buffers. */
  readonly parameters: ReadonlyMap<string, Parameter>;
  readonly trained: ReadonlyMap<string, Parameter>;
  readonly groups: readonly ParameterGroup[];
  readonly assigned: ReadonlyMap<string, { readonly optimizer: Optimizer; readonly group: number }>;
}

/** Which optimiser moves each trained parameter, and the index of its group. */
function assignGroups(groups: readonly ParameterGroup[], trained: ReadonlyMap<string, Parameter>): TrainingModel['assigned'] {
  return new Map(
    [...trained].map(([name, { dims }]) => {
      const group = groups.findIndex(({ match = () => true }) => match(name, dims));
      if (group === -1)
        throw new TrainingError({
          code: 'TRAIN_GROUPS',
          message: `no optimiser group takes parameter '${name}'.`,
          fix: "End the list with a group that has no 'match', or freeze the parameter with 'trainable'.",
        });
      return [name, { optimizer: groups[group]!.optimizer, group }];
    }),
  );
}

/** Throws {@link TrainingError} where model, options and start values do not fit together. */
export function trainingModel(
  model: Module,
  { trainable = () => true, optimizer, weights, bounds = {} }: TrainingStepOptions,
): TrainingModel {
  const groups: readonly ParameterGroup[] = 'update' in optimizer ? [{ optimizer }] : optimizer;
  const parameters = namedParameters(model);
  const trained = new Map([...parameters].filter(([name, leaf]) => trainable(name) && !isBuffer(leaf)));
  if (trained.size === 0)
    throw new TrainingError({
      code: 'TRAIN_NOTHING',
      message: 'no parameter is trainable.',
      fix: "Check the model and the 'trainable' filter.",
    });
  checkStartValues(parameters, weights);
  checkBounds(bounds, parameters);
  return { parameters, trained, groups, assigned: assignGroups(groups, trained) };
}

export type Dims = ReadonlyMap<string, readonly number[]>;

/** Dims of what stays resident from step to step, by name: weights, optimiser slots, buffers that move, averages. */
export function stateDimsOf({ parameters, trained, assigned }: TrainingModel, buffers: Iterable<string>, averaged: boolean): Dims {
  const state = new Map<string, readonly number[]>();
  const add = (name: string, slots: readonly string[]) => {
    const { dims } = parameters.get(name)!;
    state.set(name, dims);
    for (const slot of slots) state.set(slotName(slot, name), dims);
    if (averaged) state.set(averageName(name), dims);
  };
  for (const name of trained.keys()) add(name, assigned.get(name)!.optimizer.slots);
  for (const name of buffers) add(name, []);
  return state;
}
