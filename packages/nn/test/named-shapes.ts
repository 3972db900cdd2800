import { createHash } from 'node:crypto';
import { type Module, namedParameters } from '../src/index.js';

/** sha256 of the sorted lines `name [shape]`: whether a model has the tensors of the original's state dict. */
export function hashNamedShapes(model: Module): string {
  const lines = [...namedParameters(model)].map(([name, { dims }]) => `${name} [${dims.join(', ')}]`).sort();
  return createHash('sha256').update(lines.join('\n')).digest('hex');
}
