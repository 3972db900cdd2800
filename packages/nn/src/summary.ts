import { elementCount, sha256 } from '@polymodal/modality-registry';
import { isBuffer, type Module, namedParameters, type Weights } from './module.js';

export interface SummaryOptions {
  /** As `train` takes it; the table then marks frozen parameters. */
  readonly trainable?: (name: string) => boolean;
}

const grouped = (count: number) => count.toLocaleString('en');

function size(bytes: number): string {
  const power = Math.min(3, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  return power === 0 ? `${bytes} B` : `${(bytes / 1024 ** power).toFixed(1)} ${['', 'KiB', 'MiB', 'GiB'][power]}`;
}

/**
 * A table of a model's parameters, to print: names, shapes and counts, and their total, in which running statistics
 * (marked as buffers) do not count. Nothing is allocated for the weights.
 *
 * @example console.log(summary(model, { trainable: freeze('tower') }));
 */
export function summary(model: Module, { trainable = () => true }: SummaryOptions = {}): string {
  const parameters = [...namedParameters(model)].map(([name, leaf]) => ({
    name,
    dims: leaf.dims,
    count: elementCount(leaf.dims),
    note: isBuffer(leaf) ? 'buffer' : trainable(name) ? '' : 'frozen',
  }));
  const total = (kind: string) => parameters.reduce((sum, { note, count }) => sum + (note === kind ? count : 0), 0);
  const [learning, frozen] = [total(''), total('frozen')];
  const rows = [
    ['parameter', 'shape', 'count', ''],
    ...parameters.map(({ name, dims, count, note }) => [name, `[${dims.join(', ')}]`, grouped(count), note]),
  ];
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
  const lines = rows.map(([name, shape, count, note]) =>
    `${name!.padEnd(widths[0]!)}  ${shape!.padEnd(widths[1]!)}  ${count!.padStart(widths[2]!)}  ${note}`.trimEnd(),
  );
  const split = frozen === 0 ? '' : `: ${grouped(learning)} trainable, ${grouped(frozen)} frozen`;
  const end = `${grouped(learning + frozen)} parameters${split} (${size(4 * (learning + frozen))} in float32)`;
  return [lines[0], '-'.repeat(Math.max(...lines.map(({ length }) => length))), ...lines.slice(1), end].join('\n');
}

/**
 * What `train` takes as `trainable`: all parameters but these. A string stands for the module or the parameter of that name.
 *
 * @example train(model, { trainable: freeze('tower'), … }) // freezes 'tower.conv.weight', not 'towers.bias'
 */
export function freeze(frozen: string | RegExp | ((name: string) => boolean)): (name: string) => boolean {
  if (typeof frozen === 'string') return (name) => name !== frozen && !name.startsWith(`${frozen}.`);
  // The search, unlike test(), forgets where it was in the name before.
  return frozen instanceof RegExp ? (name) => name.search(frozen) === -1 : (name) => !frozen(name);
}

/**
 * sha256 over names, shapes and bytes, as 64 hex digits: the same where the weights are bit for bit the same, in whatever order they are
 * listed. `which` leaves parameters out: what was frozen has the same hash before and after training.
 */
export function hashParameters(weights: Weights, which: (name: string) => boolean = () => true): string {
  const names = [...weights.keys()].filter(which).sort();
  return sha256(
    names.flatMap((name) => {
      const { dims, data } = weights.get(name)!;
      return [JSON.stringify([name, dims]), data];
    }),
  );
}
