import { isFloat } from '../dtypes.js';
import { type Expr, makeExpr, nextSerial, type Op } from '../expr.js';
import { backpropagate } from '../gradients.js';
import { withGradient } from './cast.js';
import { constantTensor } from './leaf.js';

/**
 * The value of its first input, but only once its second is known. To a runtime it is a choice between two equal tensors, which none
 * simplifies: what is computed from it is computed again, and late.
 */
const afterOp: Op<undefined> = {
  name: 'after',
  infer: ([x]) => ({ type: x!.type, dims: x!.dims }),
  reference: ([x]) => x!,
  emit(emitter, [x, late]) {
    const flat = emitter.node('Reshape', [late!, emitter.int64s([-1])]);
    const first = emitter.node('Slice', [flat, emitter.int64s([0]), emitter.int64s([1])]);
    const condition = emitter.node('Reshape', [emitter.node('IsNaN', [first]), emitter.int64s([])]);
    return emitter.node('Where', [condition, x!, x!]);
  },
  gradient: (_, g) => [g, undefined],
};

/** What `y` is made of that is older than `serial` and has gradients: parameters, and values that the function found around it. */
function capturedBy(y: Expr, serial: number): Expr[] {
  const seen = new Set<Expr>();
  const captured: Expr[] = [];
  const rest = [y];
  for (let node = rest.pop(); node !== undefined; node = rest.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    if (node.serial >= serial) rest.push(...node.inputs);
    else if (isFloat(node.type) && constantTensor(node) === undefined) captured.push(node);
  }
  return captured.reverse();
}

/**
 * `f(...inputs)`, whose inner values are not kept for the backward pass but computed again there: less memory for one more forward pass of
 * `f` (Chen et al. 2016, arXiv 1604.06174). `f` must be pure; parameters and other values that it uses get their gradients too.
 */
export function rematerialize(f: (...inputs: Expr[]) => Expr, ...inputs: readonly Expr[]): Expr {
  const serial = nextSerial();
  const y = f(...inputs);
  // The inputs are among them: `f` may use one a second time, by its name outside. Only the second call tells such a use from the argument.
  const captured = capturedBy(y, serial);
  return withGradient(y, [...inputs, ...captured], (g) => {
    const late = inputs.map((x) => makeExpr(afterOp, [x, g], undefined));
    const again = f(...late);
    const targets = [...late.filter(({ type }) => isFloat(type)), ...captured];
    const found = new Map(backpropagate(again, g, targets, new Set([...late, ...captured])).map((own, i) => [targets[i], own]));
    return [...late, ...captured].map((source) => found.get(source));
  });
}
