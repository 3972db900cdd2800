import { createRandom, type Expr, ops, type Parameter } from '@polymodal/autograd';
import { TrainingError } from './errors.js';
import { drawName } from './training-names.js';

/** What a layer finds while a training graph is built, and nowhere else: there it drops, and takes the statistics of its batch. */
export interface TrainingScope {
  /** Seed and stream of random numbers that no other place and no other step draws. */
  draw(): { readonly seed: Expr; readonly stream: number };
  /** What a buffer holds at this point of the step. */
  read(buffer: Parameter): Expr;
  /** What it holds from here on, and in the next step. */
  write(buffer: Parameter, value: Expr): void;
  readonly seed: Expr;
  /** Scopes that draw what this one draws from here on, from another expression of the seed; what they write is lost. */
  replay(): (seed: Expr) => TrainingScope;
}

// Building is synchronous, so that no other graph can be built in between.
let current: TrainingScope | 'gradients' | undefined;

function within<T>(scope: typeof current, build: () => T): T {
  const before = current;
  current = scope;
  try {
    return build();
  } finally {
    current = before;
  }
}

/** The scope of the training graph that is being built; undefined in graphs for evaluation, inference and export. */
export function trainingScope(): TrainingScope | undefined {
  if (current === 'gradients')
    throw new TrainingError({
      code: 'TRAIN_REMATERIALIZE',
      message: 'a layer with random numbers or statistics is built a second time, for the backward pass.',
      fix: "Take rematerialize of '@polymodal/nn' instead of ops.rematerialize: it repeats the numbers of the forward pass.",
    });
  return current;
}

/** Builds a part of a loss as for inference: nothing is dropped, and batch norms use their running statistics. For teachers and frozen towers. */
export function inference<T>(build: () => T): T {
  return within(undefined, build);
}

interface Built<T> {
  readonly result: T;
  /** What the buffers hold in the next step. */
  readonly written: ReadonlyMap<Parameter, Expr>;
}

/** Builds a part of a training step. The same seed gives the same random numbers, others in each part. */
export function buildForTraining<T>(runSeed: number, part: string, build: () => T): Built<T> {
  const random = createRandom(runSeed).fork('draw').fork(part);
  const written = new Map<Parameter, Expr>();
  const scopeFrom = (start: number, seed: Expr, writes: Map<Parameter, Expr>): TrainingScope => {
    let place = start;
    return {
      seed,
      draw: () => ({ seed, stream: Math.floor(random.fork(place++).uniform() * 2 ** 53) }),
      read: (buffer) => writes.get(buffer) ?? buffer,
      write: (buffer, value) => writes.set(buffer, value),
      replay() {
        const [from, held] = [place, new Map(writes)];
        return (again) => scopeFrom(from, again, new Map(held));
      },
    };
  };
  const result = within(scopeFrom(0, ops.input(drawName, 'int64', []), written), build);
  return { result, written };
}

/** Builds gradients of what {@link buildForTraining} built. */
export const buildGradients = <T>(build: () => T): T => within('gradients', build);

/**
 * `f(...inputs)`, whose inner values are not kept for the backward pass but computed again there: less memory for one more forward pass of
 * `f` (Chen et al. 2016, arXiv 1604.06174). As `ops.rematerialize`, and dropout inside `f` drops the same both times.
 */
export function rematerialize(f: (...inputs: Expr[]) => Expr, ...inputs: readonly Expr[]): Expr {
  const scope = trainingScope();
  if (scope === undefined) return ops.rematerialize((...values) => inference(() => f(...values)), ...inputs);
  const replay = scope.replay();
  let first = true;
  // The seed is an input of the segment: it is known late there too, so that masks are drawn again and not kept.
  return ops.rematerialize(
    (seed, ...values) => {
      if (!first) return within(replay(seed!), () => f(...values));
      first = false;
      return f(...values);
    },
    scope.seed,
    ...inputs,
  );
}
