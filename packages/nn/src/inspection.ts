import { type Backend, type Expr, isParameter, ops, type Tensor } from '@polymodal/autograd';
import type { TensorLike } from '@polymodal/modality-registry';
import { emitTraining, type TrainingGraph } from './training-graph.js';
import type { TrainingStepOptions } from './training-step.js';

interface InspectOptions extends Pick<TrainingStepOptions, 'weights'> {
  readonly backend: Backend;
  /** Batch and state; what the graph does not take is passed over. */
  readonly feeds: Readonly<Record<string, Tensor | TensorLike>>;
}

/** All nodes that `roots` depend on. Iterative: deep models must not exhaust the stack. */
function reachable(roots: readonly Expr[]): Set<Expr> {
  const seen = new Set(roots);
  for (const node of seen) for (const input of node.inputs) seen.add(input); // A set grows while it is walked.
  return seen;
}

/** 0 where every element is finite, else NaN. */
const flagOf = (node: Expr) => ops.sum(ops.mul(node, 0));

/** Runs one graph that looks at every float tensor of the step; those with a NaN or an infinity. */
async function notFinite(graph: TrainingGraph, { backend, weights, feeds }: InspectOptions): Promise<Set<Expr>> {
  const nodes = [...reachable([graph.reported.loss!, ...graph.gradients])].filter(({ type }) => type === 'float32');
  const outputs = Object.fromEntries(nodes.map((node, i) => [`flag/${i}`, flagOf(node)]));
  const program = await backend.compile(emitTraining(graph, { weights }, outputs));
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

function described(node: Expr, { parameters }: TrainingGraph): string {
  if (isParameter(node)) return `parameter '${[...parameters].find(([, one]) => one === node)![0]}'`;
  if (node.op.name === 'input') return `tensor '${(node.attributes as { name: string }).name}' of the batch`;
  if (node.op.name === 'constant') return `a constant [${node.dims.join(', ')}]`;
  return `the output [${node.dims.join(', ')}] of operator '${node.op.name}'`;
}

/** What of a step's tensors first holds a NaN or an infinity: a tensor of the batch, a parameter, an operator's output, or a gradient. */
export async function firstNotFiniteOf(graph: TrainingGraph, options: InspectOptions): Promise<string | undefined> {
  const bad = await notFinite(graph, options);
  const { loss } = graph.reported;
  if (bad.has(loss!)) return described(origin(loss!, bad), graph);
  const index = graph.gradients.findIndex((gradient) => bad.has(gradient));
  if (index === -1) return undefined;
  const name = [...graph.trained.keys()][index]!;
  const from = origin(graph.gradients[index]!, bad);
  return `the gradient of '${name}'${from === graph.gradients[index] ? '' : `, from ${described(from, graph)}`}`;
}
