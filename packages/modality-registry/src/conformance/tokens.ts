import type { TensorLike, Tokens } from '../index.js';
import { check, show } from './assert.js';
import { difference } from './compare.js';
import { checkDType, checkShape, itemOf, readTensor } from './tensors.js';

const optional = ['attentionMask', 'typeIds', 'positions'] as const;

/** The tensors of tokens, by name, ids or values first. */
export function tokenTensors(tokens: Tokens): Record<string, TensorLike> {
  check(typeof tokens === 'object' && tokens !== null, () => `encode resolved to ${show(tokens)}, but tokens are { ids } or { values }.`);
  const one = (tokens.ids === undefined) !== (tokens.values === undefined);
  check(one, () => `tokens have either ids or values, but these have ${tokens.ids === undefined ? 'neither' : 'both'}.`);
  const main: Record<string, TensorLike> =
    tokens.ids === undefined ? { values: readTensor('values', tokens.values) } : { ids: readTensor('ids', tokens.ids) };
  const rest = optional.flatMap((name) => (tokens[name] === undefined ? [] : [[name, readTensor(name, tokens[name])] as const]));
  return { ...main, ...Object.fromEntries(rest) };
}

export function checkTokenShapes(tokens: Tokens, count: number): void {
  const tensors = tokenTensors(tokens);
  const [name, main] = Object.entries(tensors)[0]!;
  checkShape(name, main, name === 'ids' ? [count, undefined] : [count, undefined, undefined]);
  const length = main.dims[1]!;
  for (const other of optional) if (tensors[other] !== undefined) checkShape(other, tensors[other], [count, length]);
  if (tensors.attentionMask !== undefined) {
    const odd = Array.from<number | bigint>(tensors.attentionMask.data).find((value) => Number(value) !== 0 && Number(value) !== 1);
    check(odd === undefined, () => `attentionMask holds ${odd}, but it is 1 for a token and 0 for padding.`);
  }
  const { grid } = tokens;
  if (grid === undefined) return;
  const tiles = grid.length === 3 && grid.every((side) => Number.isSafeInteger(side) && side > 0);
  check(tiles, () => `grid is ${show(grid)}, but a grid is [time, height, width], integers from 1.`);
  const cells = grid[0] * grid[1] * grid[2];
  check(cells <= length, () => `grid ${show(grid)} has ${cells} cells, but there are only ${length} tokens.`);
}

export function checkTokenDTypes(tokens: Tokens): void {
  for (const [name, tensor] of Object.entries(tokenTensors(tokens))) {
    if (name === 'ids') checkDType(name, tensor, ['int32', 'int64']);
    else if (name === 'values') checkDType(name, tensor, ['float32', 'float16']);
    else checkDType(name, tensor);
  }
}

/** Where a batch's tokens differ from those of its items, padding apart. */
export function compareTokens(batch: Tokens, singles: readonly Tokens[], tolerance: number): string | undefined {
  for (const [index, single] of singles.entries()) {
    const found = difference(realTokens(batch, index), realTokens(single, 0), tolerance, `item ${index}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What there is of each tensor where the attention mask is 1, so that padding, which depends on the batch, drops out. */
export function realTokens(tokens: Tokens, item: number): Record<string, unknown> {
  const { attentionMask, ...tensors } = tokenTensors(tokens);
  const mask = attentionMask && itemOf(attentionMask, item);
  const own = Object.entries(tensors).map(([name, tensor]) => [name, unpadded(itemOf(tensor, item), mask)] as const);
  const offsets = tokens.offsets?.[item]?.filter((_, token) => isReal(mask, token));
  return { ...Object.fromEntries(own), offsets };
}

/** Rows of [length, …] where the mask is 1. */
export function unpadded(tensor: TensorLike, mask: TensorLike | undefined): (readonly (number | bigint)[])[] {
  const length = tensor.dims[0] ?? 0;
  const width = length === 0 ? 0 : tensor.data.length / length;
  const rows = Array.from({ length }, (_, token) => Array.from<number | bigint>(tensor.data.slice(token * width, (token + 1) * width)));
  return rows.filter((_, token) => isReal(mask, token));
}

function isReal(mask: TensorLike | undefined, token: number): boolean {
  return mask === undefined || Number(mask.data[token]) === 1;
}
