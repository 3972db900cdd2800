import type { Expr } from '@polymodal/autograd';

/** All nodes that `roots` depend on. Iterative: deep models must not exhaust the stack. */
export function reachable(roots: readonly Expr[]): Set<Expr> {
  const seen = new Set(roots);
  for (const node of seen) for (const input of node.inputs) seen.add(input); // A set grows while it is walked.
  return seen;
}
