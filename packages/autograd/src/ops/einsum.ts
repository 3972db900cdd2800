import { formatDims } from '../dims.js';
import { AutogradError, shapeError } from '../errors.js';
import { type Expr, requireExpr } from '../expr.js';
import { mul } from './elementwise.js';
import { constant } from './leaf.js';
import { matmul } from './matmul.js';
import { sum } from './reduce.js';
import { expand, reshape, transpose } from './shape.js';

/** A tensor whose axes have labels. */
interface Labelled {
  readonly x: Expr;
  readonly labels: readonly string[];
}

function refuse(equation: string, message: string): never {
  throw new AutogradError({
    code: 'AUTOGRAD_EINSUM',
    message: `einsum '${equation}': ${message}`,
    fix: "Write it as in 'bhqd,bhkd->bhqk': one letter per axis, '...' for the rest.",
  });
}

/** '...' stands for axes that align from the right; each gets a label of its own. */
function labelsOf(equation: string, term: string, rank: number | undefined, ellipsisRank: number): string[] {
  const [before, after, ...more] = term.split('...');
  if (more.length > 0 || !/^[A-Za-z]*$/.test(`${before}${after ?? ''}`)) refuse(equation, `'${term}' is not a list of axes.`);
  if (after === undefined) return [...before!];
  const count = rank === undefined ? ellipsisRank : rank - before!.length - after.length;
  return [...before!, ...Array.from({ length: Math.max(count, 0) }, (_, i) => `…${ellipsisRank - count + i}`), ...after];
}

interface Parsed {
  readonly operands: Labelled[];
  readonly output: readonly string[];
}

function parse(equation: string, operands: readonly Expr[]): Parsed {
  const [left, right, ...more] = equation.replace(/\s/g, '').split('->');
  const terms = left!.split(',');
  if (more.length > 0) refuse(equation, "it has more than one '->'.");
  operands.forEach((x, i) => {
    requireExpr('einsum', x, i);
  });
  if (terms.length !== operands.length) refuse(equation, `it names ${terms.length} operands, and ${operands.length} were given.`);
  const letters = (term: string) => term.replace('...', '').length;
  const ellipsisRank = Math.max(0, ...terms.map((term, i) => (term.includes('...') ? operands[i]!.dims.length - letters(term) : 0)));
  const labelled = terms.map((term, i) => {
    const x = operands[i]!;
    const labels = labelsOf(equation, term, x.dims.length, ellipsisRank);
    if (labels.length !== x.dims.length) refuse(equation, `'${term}' does not have the axes of ${formatDims(x.dims)}.`);
    return { x, labels };
  });
  const all = labelled.flatMap(({ labels }) => labels);
  const implied = [...new Set(all)].filter((label) => label.startsWith('…') || all.indexOf(label) === all.lastIndexOf(label)).sort();
  const output =
    right === undefined
      ? [...implied.filter((label) => label.startsWith('…')), ...implied.filter((label) => !label.startsWith('…'))]
      : labelsOf(equation, right, undefined, ellipsisRank);
  if (new Set(output).size !== output.length || output.some((label) => !all.includes(label)))
    refuse(equation, `the result '${right}' repeats an axis, or has one that no operand has.`);
  return { operands: labelled, output };
}

/** Repeated labels of one operand, as in 'ii->i': what is off the diagonal is cleared and summed away. */
function takeDiagonals(equation: string, { x, labels }: Labelled): Labelled {
  const second = labels.findIndex((label, axis) => labels.indexOf(label) < axis);
  if (second < 0) return { x, labels };
  const first = labels.indexOf(labels[second]!);
  const size = x.dims[first]!;
  if (typeof size !== 'number' || x.dims[second] !== size) refuse(equation, `'${labels[second]}' has two sizes in ${formatDims(x.dims)}.`);
  const identity = constant({
    type: 'float32',
    dims: [size, size],
    data: Float32Array.from({ length: size * size }, (_, i) => (i % (size + 1) === 0 ? 1 : 0)),
  });
  const mask = reshape(
    identity,
    x.dims.map((_, axis) => (axis === first || axis === second ? size : 1)),
  );
  return takeDiagonals(equation, { x: sum(mul(x, mask), second), labels: labels.toSpliced(second, 1) });
}

/** Sums away the axes whose labels nobody wants. */
function sumAway({ x, labels }: Labelled, wanted: ReadonlySet<string>): Labelled {
  const axes = labels.flatMap((label, axis) => (wanted.has(label) ? [] : [axis]));
  return axes.length === 0 ? { x, labels } : { x: sum(x, axes), labels: labels.filter((label) => wanted.has(label)) };
}

/** Axes in the order of `labels`; a missing one has size 1. */
function arrange({ x, labels: own }: Labelled, labels: readonly string[]): Expr {
  const present = labels.filter((label) => own.includes(label));
  const ordered = transpose(
    x,
    present.map((label) => own.indexOf(label)),
  );
  return reshape(
    ordered,
    labels.map((label) => (own.includes(label) ? x.dims[own.indexOf(label)]! : 1)),
  );
}

function checkSizes(equation: string, a: Labelled, b: Labelled): void {
  for (const [axis, label] of a.labels.entries()) {
    const other = b.x.dims[b.labels.indexOf(label)];
    const own = a.x.dims[axis]!;
    if (other !== undefined && own !== other && own !== 1 && other !== 1)
      throw shapeError(
        'einsum',
        `'${equation}': '${label}' is ${own} in ${formatDims(a.x.dims)}, but ${other} in ${formatDims(b.x.dims)}.`,
        'Axes of one letter have one size.',
      );
  }
}

/** An axis of 1 that meets a longer one of the same label is stretched, so that the product sums over all of it. */
function stretch(a: Labelled, b: Labelled, labels: readonly string[]): Labelled {
  const dims = a.x.dims.map((dim, axis) => {
    const label = a.labels[axis]!;
    return dim === 1 && labels.includes(label) ? b.x.dims[b.labels.indexOf(label)]! : dim;
  });
  return { x: expand(a.x, dims), labels: a.labels };
}

/** The product of two tensors, summed over what neither the output nor a later operand wants. */
function contract(equation: string, left: Labelled, right: Labelled, wanted: ReadonlySet<string>): Labelled {
  checkSizes(equation, left, right);
  const a = sumAway(left, new Set([...wanted, ...right.labels]));
  const b = sumAway(right, new Set([...wanted, ...left.labels]));
  const shared = a.labels.filter((label) => b.labels.includes(label));
  const batch = shared.filter((label) => wanted.has(label));
  const summed = shared.filter((label) => !wanted.has(label));
  const [rows, columns] = [a, b].map(({ labels }) => labels.filter((label) => !shared.includes(label))) as [string[], string[]];
  const labels = [...batch, ...rows, ...columns];
  if (summed.length === 0) return { x: mul(arrange(a, labels), arrange(b, labels)), labels };

  const [wideA, wideB] = [stretch(a, b, summed), stretch(b, a, summed)];
  const size = (label: string) =>
    wideA.labels.includes(label) ? wideA.x.dims[wideA.labels.indexOf(label)]! : wideB.x.dims[wideB.labels.indexOf(label)]!;
  const sizes = (group: readonly string[]) => group.map(size);
  // Axes are merged into one for the matrix product; a name among several cannot be multiplied out.
  const merges = [rows, columns, summed].every((group) => group.length === 1 || sizes(group).every((dim) => typeof dim === 'number'));
  if (!merges)
    return {
      x: sum(
        mul(arrange(wideA, [...labels, ...summed]), arrange(wideB, [...labels, ...summed])),
        summed.map((_, i) => labels.length + i),
      ),
      labels,
    };
  const merged = (group: readonly string[]) =>
    group.length === 1 ? size(group[0]!) : (sizes(group) as number[]).reduce((n, dim) => n * dim, 1);
  const own = ({ x, labels: names }: Labelled, group: readonly string[]) => group.map((label) => x.dims[names.indexOf(label)]!);
  const x = reshape(arrange(wideA, [...batch, ...rows, ...summed]), [...own(wideA, batch), merged(rows), merged(summed)]);
  const y = reshape(arrange(wideB, [...batch, ...columns, ...summed]), [...own(wideB, batch), merged(columns), merged(summed)]);
  const product = matmul(x, y, { transposeB: true }); // [...batch, rows, columns]
  return { x: reshape(product, [...product.dims.slice(0, batch.length), ...sizes(rows), ...sizes(columns)]), labels };
}

/**
 * Sums of products by the names of axes, as NumPy's `einsum`: letters, '...', repeated letters and an implied result. It becomes matrix
 * products, which the runtime is fast at; operands are taken from left to right.
 */
export function einsum(equation: string, ...operands: readonly Expr[]): Expr {
  const { operands: terms, output } = parse(equation, operands);
  const plain = terms.map((term) => takeDiagonals(equation, term));
  let result = plain[0]!;
  plain.slice(1).forEach((next, i) => {
    result = contract(equation, result, next, new Set([...output, ...plain.slice(i + 2).flatMap(({ labels }) => labels)]));
  });
  const { x, labels } = sumAway(result, new Set(output));
  return transpose(
    x,
    output.map((label) => labels.indexOf(label)),
  );
}
