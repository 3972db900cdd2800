import { type Backend, type Expr, isParameter, ops, type Tensor } from '@polymodal/autograd';
import type { TensorLike } from '@polymodal/modality-registry';
import { reachable } from './reachable.js';
import { emitTraining, type PlannedProgram, type TrainingPlan } from './training-graph.js';
import type { TrainingStepOptions } from './training-step.js';

interface InspectOptions extends Pick<TrainingStepOptions, 'weights'>, Pick<TrainingPlan, 'model' | 'stateDims'> {
  readonly backend: Backend;
  /** Batch and state; what the graph does not take is passed over. */
  readonly feeds: Readonly<Record<string, Tensor | TensorLike>>;
}

/** 0 where every element is finite, else NaN. */
const flagOf = (node: Expr) => ops.sum(ops.mul(node, 0));

/** Runs one graph that looks at every float tensor of these; those with a NaN or an infinity. */
async function notFinite(roots: readonly Expr[], { model, stateDims, backend, weights, feeds }: InspectOptions): Promise<Set<Expr>> {
  const nodes = [...reachable(roots)].filter(({ type }) => type === 'float32');
  const outputs = Object.fromEntries(nodes.map((node, i) => [`flag/${i}`, flagOf(node)]));
  const program = await backend.compile(emitTraining(model, stateDims, weights, outputs));
  try {
    const results = await program.run(Object.fromEntries(program.inputNames.map((name) => [name, feeds[name]!])));
    const bad = new Set<Expr>();
    for (const [i, node] of nodes.entries()) {
      const flag = results[`flag/${i}`]!;
      if (!Number.isFinite(Number((await flag.read())[0]))) bad.add(node);
      flag.dispose();
    }
    return bad;
  } finally {
    await program.release();
  }
}

/** Back from a bad tensor along its bad inputs, to one whose inputs are all good. A mask of −∞ that does no harm is never on the way. */
function origin(node: Expr, bad: ReadonlySet<Expr>): Expr {
  let at = node;
  for (let before = at.inputs.find((input) => bad.has(input)); before !== undefined; before = at.inputs.find((input) => bad.has(input)))
    at = before;
  return at;
}

function described(node: Expr, { parameters }: TrainingPlan['model']): string {
  if (isParameter(node)) return `parameter '${[...parameters].find(([, one]) => one === node)![0]}'`;
  if (node.op.name === 'input') return `tensor '${(node.attributes as { name: string }).name}' of the batch`;
  if (node.op.name === 'constant') return `a constant [${node.dims.join(', ')}]`;
  return `the output [${node.dims.join(', ')}] of operator '${node.op.name}'`;
}

/** What of a program's tensors first holds a NaN or an infinity: a tensor of the batch, a parameter, an operator's output, or a gradient. */
export async function firstNotFiniteOf({ values, gradients }: PlannedProgram, options: InspectOptions): Promise<string | undefined> {
  const bad = await notFinite([...values, ...gradients.values()], options);
  const value = values.find((one) => bad.has(one));
  if (value !== undefined) return described(origin(value, bad), options.model);
  const found = [...gradients].find(([, gradient]) => bad.has(gradient));
  if (found === undefined) return undefined;
  const [name, gradient] = found;
  const from = origin(gradient, bad);
  return `the gradient of '${name}'${from === gradient ? '' : `, from ${described(from, options.model)}`}`;
}
