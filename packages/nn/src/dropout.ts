import { ops } from '@polymodal/autograd';
import { TrainingError } from './errors.js';
import { type Layer, layer } from './module.js';
import { trainingScope } from './training-scope.js';

/**
 * Zeros a random share of its input and scales the rest up (Srivastava et al. 2014) in training graphs; passes it on everywhere else: in
 * evaluation, inference and exports. Every place, step and micro-batch drops elements of its own; one seed drops the same on every platform.
 * Throws {@link TrainingError} `NN_DROPOUT` for a rate outside of [0, 1).
 */
export function dropout(rate: number): Layer {
  if (!(rate >= 0 && rate < 1))
    throw new TrainingError({ code: 'NN_DROPOUT', message: `the rate of dropout is ${rate}.`, fix: 'Give a share from 0 to less than 1.' });
  return layer({}, (x) => {
    const scope = rate === 0 ? undefined : trainingScope();
    return scope === undefined ? x : ops.dropout(x, { rate, ...scope.draw() });
  });
}
