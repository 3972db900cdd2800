import type { ReadBudget } from '../read-budget.js';
import { type Item, isGlobal, type PickledGlobal, pickleError } from './pickle-value.js';

/** What a pickle may refer to. */
export interface PickleHost {
  /** What stands for a global; throws for those that are not admitted. */
  find(module: string, name: string): PickledGlobal;
  /** What calling an admitted global gives; throws where it cannot be called. */
  call(callee: PickledGlobal, args: readonly Item[]): Item;
  /** What a persistent id refers to. */
  load(id: Item): Item;
}

/** A stack machine on its way through a pickle. */
export interface Machine {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly host: PickleHost;
  readonly stack: Item[];
  /** The heights of the stack at its marks. */
  readonly marks: number[];
  readonly memo: Map<number, Item>;
  readonly budget: ReadBudget;
  /** Throws where bytes are not UTF-8. */
  readonly decode: (bytes: Uint8Array) => string;
  at: number;
}

/** What an item takes in memory, roughly; a dict is the largest that one byte can make. */
export const costs = { item: 16, list: 64, dict: 256 };

export function createMachine(bytes: Uint8Array, start: number, host: PickleHost, budget: ReadBudget): Machine {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  return { bytes, view, host, budget, decode: (utf8) => decoder.decode(utf8), stack: [], marks: [], memo: new Map(), at: start };
}

/** The place of the next `length` bytes, which are then behind. */
export function advance(machine: Machine, length: number): number {
  const start = machine.at;
  if (length > machine.bytes.length - start) throw pickleError(`The pickle ends within an operand at byte ${start}.`);
  machine.at = start + length;
  return start;
}

export function pop(machine: Machine): Item {
  if (machine.stack.length <= (machine.marks.at(-1) ?? 0)) throw pickleError(`The pickle takes from an empty stack at byte ${machine.at}.`);
  return machine.stack.pop()!;
}

export function top(machine: Machine): Item {
  const item = pop(machine);
  machine.stack.push(item);
  return item;
}

/** The items behind the last mark, which are then gone, as it is. */
export function popMark(machine: Machine): Item[] {
  const mark = machine.marks.pop();
  if (mark === undefined) throw pickleError(`The pickle goes back to a mark that it has not set, at byte ${machine.at}.`);
  return machine.stack.splice(mark);
}

/** A line of text operands, without its end. */
export function line(machine: Machine): string {
  const end = machine.bytes.indexOf(0x0a, machine.at);
  if (end < 0) throw pickleError(`The pickle ends within a line at byte ${machine.at}.`);
  const start = advance(machine, end + 1 - machine.at);
  return text(machine.bytes.subarray(start, end), machine);
}

export function text(bytes: Uint8Array, { decode }: Machine): string {
  try {
    return decode(bytes);
  } catch {
    throw pickleError('The pickle holds a text that is not UTF-8.');
  }
}

/** A length of 8 bytes. */
export function length64(machine: Machine): number {
  return Number(machine.view.getBigUint64(advance(machine, 8), true));
}

export function pushBytes(machine: Machine, length: number, make: (bytes: Uint8Array, machine: Machine) => Item): void {
  const start = advance(machine, length);
  machine.stack.push(make(machine.bytes.subarray(start, start + length), machine));
}

export function pushGlobal(machine: Machine, module: string, name: string): void {
  machine.stack.push(machine.host.find(module, name));
}

export function call(machine: Machine): void {
  const args = pop(machine);
  const callee = pop(machine);
  if (!isGlobal(callee) || !Array.isArray(args)) throw pickleError(`The pickle calls what is no function, at byte ${machine.at}.`);
  // A short pickle may pass a long list of its memo over and over.
  for (const arg of args) machine.budget.take(costs.dict + costs.item * sizeOf(arg));
  machine.stack.push(machine.host.call(callee, args));
}

export function sizeOf(item: Item): number {
  if (typeof item === 'string' || Array.isArray(item)) return 1 + item.length;
  return item instanceof Map || item instanceof Set ? 1 + item.size : 1;
}

export function setItems(machine: Machine, items: readonly Item[]): void {
  const dict = top(machine);
  if (!(dict instanceof Map) || items.length % 2 !== 0) throw pickleError(`The pickle fills what is no dict, at byte ${machine.at}.`);
  for (let i = 0; i < items.length; i += 2) dict.set(items[i]!, items[i + 1]!);
}

export function appendItems(machine: Machine, items: readonly Item[]): void {
  const list = top(machine);
  if (!Array.isArray(list)) throw pickleError(`The pickle extends what is no list, at byte ${machine.at}.`);
  for (const item of items) list.push(item);
}

export function recall(machine: Machine, index: number): void {
  const item = machine.memo.get(index);
  if (item === undefined) throw pickleError(`The pickle recalls item ${index}, which it has not stored.`);
  machine.stack.push(item);
}
