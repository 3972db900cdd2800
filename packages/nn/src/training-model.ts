import type { Parameter } from '@polymodal/autograd';
import { TrainingError } from './errors.js';
import { isBuffer, type Module, namedParameters } from './module.js';
import type { Optimizer, ParameterGroup } from './optimizer.js';
import { checkCount, checkLimit, checkShare } from './option-checks.js';
import { checkBatchNames, checkBounds, checkParameterNames, checkStartValues } from './training-checks.js';
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

function groupsOf(given: unknown): readonly ParameterGroup[] {
  const groups = (Array.isArray(given) ? given : [{ optimizer: given }]) as readonly ParameterGroup[];
  for (const group of groups)
    if (typeof Object(group?.optimizer).update !== 'function')
      throw new TrainingError({
        code: 'TRAIN_OPTIONS',
        message: `'optimizer' is ${given === undefined ? 'missing' : 'no optimiser and no list of { optimizer, match }'}.`,
        fix: 'Pass adamW({ learningRate: 1e-3 }), another optimiser, or a list of groups.',
      });
  return groups;
}

/** Throws {@link TrainingError} where model, options and start values do not fit together. */
export function trainingModel(
  model: Module,
  { trainable = () => true, optimizer, weights, batch, bounds = {}, seed = 0, clipNorm, averageDecay }: TrainingStepOptions,
): TrainingModel {
  checkCount('seed', seed, 0);
  if (clipNorm !== undefined) checkLimit('clipNorm', clipNorm);
  if (averageDecay !== undefined) checkShare('averageDecay', averageDecay);
  const groups = groupsOf(optimizer);
  const parameters = namedParameters(model);
  const trained = new Map([...parameters].filter(([name, leaf]) => trainable(name) && !isBuffer(leaf)));
  if (trained.size === 0)
    throw new TrainingError({
      code: 'TRAIN_NOTHING',
      message: 'no parameter is trainable.',
      fix: "Check the model and the 'trainable' filter.",
    });
  checkStartValues(parameters, weights);
  checkBounds(bounds, new Map([...parameters].filter(([, leaf]) => !isBuffer(leaf))));
  const assigned = assignGroups(groups, trained);
  const slots = new Set([...assigned].flatMap(([name, { optimizer: own }]) => own.slots.map((slot) => slotName(slot, name))));
  checkParameterNames(parameters.keys(), slots);
  checkBatchNames(Object.keys(batch), parameters, slots);
  return { parameters, trained, groups, assigned };
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
