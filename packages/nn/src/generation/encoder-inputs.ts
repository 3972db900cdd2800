import type { Expr } from '@polymodal/autograd';
import { elementCount, type TensorLike } from '@polymodal/modality-registry';
import type { EncoderDecoder } from '../models/decoder.js';
import { reachable } from '../reachable.js';
import { sourceOf } from '../training-indices.js';
import { GenerationError } from './errors.js';

type Expected = EncoderDecoder['inputs'];
type Given = Readonly<Record<string, TensorLike>>;

const refusal = (message: string, fix: string) => new GenerationError({ code: 'GENERATION_INPUT', message, fix });
const shown = (dims: readonly unknown[]) => `[${dims.join(', ')}]`;

/** What an encoder's graph takes rows of, by their numbers or from the start. */
interface Tables {
  /** Entries of the smallest table that an input has ids of. */
  readonly entries: ReadonlyMap<string, number>;
  /** Rows of the smallest table that a named dimension takes as many of. */
  readonly rows: ReadonlyMap<string, number>;
}

function tablesOf(outputs: readonly Expr[]): Tables {
  const [entries, rows] = [new Map<string, number>(), new Map<string, number>()];
  const note = (sizes: Map<string, number>, name: string | undefined, size: unknown) => {
    if (name !== undefined && typeof size === 'number') sizes.set(name, Math.min(size, sizes.get(name) ?? size));
  };
  for (const { op, inputs, attributes } of reachable(outputs)) {
    if (op.name !== 'gather' && op.name !== 'slice') continue;
    const { axis, end } = attributes as { readonly axis: number; readonly end?: unknown };
    const size = inputs[0]!.dims[axis];
    if (op.name === 'gather') note(entries, sourceOf(inputs[1]!), size);
    else if (typeof end === 'string') note(rows, end, size);
  }
  return { entries, rows };
}

function checkShapes(expected: Expected, given: Given, { rows }: Tables): void {
  const sizes = new Map<string, { readonly size: number; readonly name: string }>();
  for (const [name, { type, dims }] of Object.entries(expected)) {
    const tensor = given[name];
    if (tensor === undefined) throw refusal(`the encoder's input '${name}' is missing.`, `Give ${Object.keys(expected).join(', ')}.`);
    const fits = tensor.dims.length === dims.length && dims.every((dim, axis) => typeof dim === 'string' || dim === tensor.dims[axis]);
    if (tensor.type !== type || !fits || tensor.data.length !== elementCount(tensor.dims))
      throw refusal(
        `the encoder's input '${name}' is ${tensor.type} ${shown(tensor.dims)} with ${tensor.data.length} elements, but must be ${type} ${shown(dims)}.`,
        'Pad it, cut it into pieces, or convert it.',
      );
    for (const [axis, dim] of dims.entries()) {
      if (typeof dim === 'number') continue;
      const size = tensor.dims[axis]!;
      const first = sizes.get(dim) ?? { size, name };
      sizes.set(dim, first);
      if (size !== first.size)
        throw refusal(
          `'${dim}' is ${first.size} in the encoder's input '${first.name}', but ${size} in '${name}'.`,
          'Give tensors of one length.',
        );
      const most = rows.get(dim) ?? Number.POSITIVE_INFINITY;
      if (size < 1 || size > most)
        throw refusal(
          `'${dim}' is ${size} in the encoder's input '${name}', but must be ${Number.isFinite(most) ? `from 1 to ${most}` : 'at least 1'}.`,
          'Give something to read, cut into pieces where it is too long.',
        );
    }
  }
}

/** What checks the inputs of an encoder by the graph of these outputs. It throws `GENERATION_INPUT`. */
export function encoderChecks(expected: Expected, outputs: readonly Expr[]): (given: Given) => void {
  const tables = tablesOf(outputs);
  return (given) => {
    checkShapes(expected, given, tables);
    for (const [name, count] of tables.entries) {
      const { dims, data } = given[name]!;
      const at = Array.prototype.findIndex.call(data, (id) => !(id >= 0 && id < count));
      if (at >= 0)
        throw refusal(
          `element ${at} of the encoder's input '${name}' ${shown(dims)} is ${data[at]}, but there are ids from 0 to ${count - 1}.`,
          "Use the model's own tokenizer; pad with one of its ids, hidden by the mask.",
        );
    }
  };
}
