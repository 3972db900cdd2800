import { type Backend, type Expr, isParameter, ops, type Tensor } from '@polymodal/autograd';
import type { TensorLike } from '@polymodal/modality-registry';
import { reachable } from './reachable.js';
import { emitTraining, type PlannedProgram, type TrainingPlan } from './training-graph.js';
import { isInternalName } from './training-names.js';
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

const isChoice = ({ op }: Expr) => op.name === 'where';
const isConstant = ({ op }: Expr) => op.name === 'constant';

/**
 * Back from a bad tensor along its bad inputs, to one whose inputs are all good, or which chose a constant that is not. A mask of −∞ that does
 * no harm is never on the way.
 */
function origin(node: Expr, bad: ReadonlySet<Expr>): Expr {
  const worse = (at: Expr) => at.inputs.find((input) => bad.has(input) && !(isChoice(at) && isConstant(input)));
  let at = node;
  for (let before = worse(at); before !== undefined; before = worse(at)) at = before;
  return at;
}

/** The tensors of the batch that these are made of. */
function batchNames(nodes: readonly Expr[]): string[] {
  const names = [...reachable(nodes)].flatMap(({ op, attributes }) => (op.name === 'input' ? [(attributes as { name: string }).name] : []));
  return names.filter((name) => !isInternalName(name));
}

/** What a choice of a constant was by: a loss has NaN for a class that there is not. */
function reason(node: Expr): string {
  const names = isChoice(node) && node.inputs.some(isConstant) ? batchNames(node.inputs.slice(0, 1)) : [];
  return names.length === 0 ? '' : `, which chose by '${names.join("', '")}' of the batch, as for an index out of range`;
}

function described(node: Expr, { parameters }: TrainingPlan['model']): string {
  if (isParameter(node)) return `parameter '${[...parameters].find(([, one]) => one === node)![0]}'`;
  if (node.op.name === 'input') return `tensor '${(node.attributes as { name: string }).name}' of the batch`;
  if (node.op.name === 'constant') return `a constant [${node.dims.join(', ')}]`;
  return `the output [${node.dims.join(', ')}] of operator '${node.op.name}'${reason(node)}`;
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
