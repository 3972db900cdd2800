import {
  advance,
  appendItems,
  call,
  costs,
  length64,
  line,
  type Machine,
  pop,
  popMark,
  pushBytes,
  pushGlobal,
  recall,
  setItems,
  sizeOf,
  text,
  top,
} from './pickle-machine.js';
import { type Item, isGlobal, pickleError, ScriptObject } from './pickle-value.js';

const highestProtocol = 5;
/** Python itself stops at 4,300 digits; no number of a state dict has more. */
const longestInteger = 1024;

const push = (machine: Machine, item: Item): void => {
  machine.stack.push(item);
};
const byte = (machine: Machine): number => machine.bytes[advance(machine, 1)]!;
const length32 = (machine: Machine): number => machine.view.getUint32(advance(machine, 4), true);

/** A small integer as a number, a large one as a bigint. */
const integer = (value: bigint): number | bigint => {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
};

/** Two's complement, least byte first. */
function signed(bytes: Uint8Array): number | bigint {
  if (bytes.length === 0) return 0;
  if (bytes.length > longestInteger) throw pickleError(`The pickle holds an integer of ${bytes.length} bytes.`);
  const hex = Array.from(bytes, (value) => value.toString(16).padStart(2, '0')).reverse();
  return integer(BigInt.asIntN(8 * bytes.length, BigInt(`0x${hex.join('')}`)));
}

function decimal(digits: string): number | bigint {
  if (!/^[+-]?\d+$/.test(digits) || digits.length > longestInteger) throw pickleError('The pickle holds an integer that is none.');
  return integer(BigInt(digits.replace('+', '')));
}

function real(digits: string): number {
  const special: Readonly<Record<string, number>> = { inf: Infinity, '-inf': -Infinity, nan: Number.NaN };
  const value = special[digits] ?? (/^[+-]?(\d|\.\d)[\d.eE+-]*$/.test(digits) ? Number(digits) : undefined);
  if (value === undefined || (Number.isNaN(value) && digits !== 'nan')) throw pickleError('The pickle holds a number that is none.');
  return value;
}

function tuple(machine: Machine, length: number): void {
  const items = Array.from({ length }, () => pop(machine));
  pushList(machine, items.reverse());
}

/** What an object's state does to it: TorchScript's objects and ordered dicts alone have one. */
function build(machine: Machine): void {
  const state = pop(machine);
  const object = top(machine);
  machine.budget.take(costs.item * sizeOf(state));
  if (!(object instanceof Map)) throw pickleError(`The pickle gives a state to what has none, at byte ${machine.at}.`);
  // An ordered dict's attributes are `_metadata`, the versions of layers; its items came before.
  if (object instanceof ScriptObject && state instanceof Map) for (const [key, value] of state) object.set(key, value);
}

function pushList(machine: Machine, items: Item[]): void {
  machine.budget.take(costs.list);
  push(machine, items);
}

function pushDict(machine: Machine, items: Map<Item, Item> | Set<Item>): void {
  machine.budget.take(costs.dict);
  push(machine, items);
}

function store(machine: Machine, index: number): void {
  machine.budget.take(costs.list);
  machine.memo.set(index, top(machine));
}

const copied = (bytes: Uint8Array): Item => bytes.slice();

/** By the letter that the format gives it: Python's pickletools, protocols 0 to 5. */
const operations: Readonly<Record<string, (machine: Machine) => void>> = {
  '\x80': (m) => {
    const protocol = byte(m);
    if (protocol > highestProtocol) throw pickleError(`The pickle is of protocol ${protocol}; readable are 0 to ${highestProtocol}.`);
  },
  '\x95': (m) => void advance(m, 8), // a frame, whose length does not matter here
  '(': (m) => void m.marks.push(m.stack.length),
  '0': (m) => {
    // Without an item behind it, the mark itself is taken.
    if (m.stack.length === m.marks.at(-1)) m.marks.pop();
    else pop(m);
  },
  '1': (m) => void popMark(m),
  '2': (m) => push(m, top(m)),
  N: (m) => push(m, null),
  '\x88': (m) => push(m, true),
  '\x89': (m) => push(m, false),
  I: (m) => {
    const digits = line(m);
    push(m, digits === '01' ? true : digits === '00' ? false : decimal(digits));
  },
  L: (m) => push(m, decimal(line(m).replace(/L$/, ''))),
  J: (m) => push(m, m.view.getInt32(advance(m, 4), true)),
  K: (m) => push(m, byte(m)),
  M: (m) => push(m, m.view.getUint16(advance(m, 2), true)),
  '\x8a': (m) => pushBytes(m, byte(m), signed),
  '\x8b': (m) => pushBytes(m, length32(m), signed),
  F: (m) => push(m, real(line(m))),
  G: (m) => push(m, m.view.getFloat64(advance(m, 8))),
  S: (m) => {
    const quotedText = line(m);
    const inner = /^(['"])([^\\]*)\1$/.exec(quotedText)?.[2];
    if (inner === undefined) throw pickleError('The pickle holds a text with escapes of protocol 0.');
    push(m, inner);
  },
  V: (m) => push(m, line(m)),
  X: (m) => pushBytes(m, length32(m), text),
  '\x8c': (m) => pushBytes(m, byte(m), text),
  '\x8d': (m) => pushBytes(m, length64(m), text),
  T: (m) => pushBytes(m, length32(m), text),
  U: (m) => pushBytes(m, byte(m), text),
  B: (m) => pushBytes(m, length32(m), copied),
  C: (m) => pushBytes(m, byte(m), copied),
  '\x8e': (m) => pushBytes(m, length64(m), copied),
  '\x96': (m) => pushBytes(m, length64(m), copied),
  ']': (m) => pushList(m, []),
  ')': (m) => pushList(m, []),
  '}': (m) => pushDict(m, new Map()),
  '\x8f': (m) => pushDict(m, new Set()),
  l: (m) => pushList(m, popMark(m)),
  t: (m) => pushList(m, popMark(m)),
  '\x85': (m) => tuple(m, 1),
  '\x86': (m) => tuple(m, 2),
  '\x87': (m) => tuple(m, 3),
  d: (m) => {
    const items = popMark(m);
    pushDict(m, new Map());
    setItems(m, items);
  },
  '\x91': (m) => pushDict(m, new Set(popMark(m))),
  a: (m) => {
    const item = pop(m);
    appendItems(m, [item]);
  },
  e: (m) => appendItems(m, popMark(m)),
  s: (m) => {
    const value = pop(m);
    const key = pop(m);
    setItems(m, [key, value]);
  },
  u: (m) => setItems(m, popMark(m)),
  '\x90': (m) => {
    const items = popMark(m);
    const set = top(m);
    if (!(set instanceof Set)) throw pickleError(`The pickle fills what is no set, at byte ${m.at}.`);
    for (const item of items) set.add(item);
  },
  p: (m) => store(m, Number(decimal(line(m)))),
  q: (m) => store(m, byte(m)),
  r: (m) => store(m, length32(m)),
  '\x94': (m) => store(m, m.memo.size),
  g: (m) => recall(m, Number(decimal(line(m)))),
  h: (m) => recall(m, byte(m)),
  j: (m) => recall(m, length32(m)),
  c: (m) => {
    const module = line(m);
    pushGlobal(m, module, line(m));
  },
  '\x93': (m) => {
    const name = pop(m);
    const module = pop(m);
    if (typeof name !== 'string' || typeof module !== 'string') throw pickleError('The pickle names a global by what is no text.');
    pushGlobal(m, module, name);
  },
  // An instance of a class that is named in place: refused by its name, since no admitted class is stored so.
  i: (m) => {
    const module = line(m);
    pushGlobal(m, module, line(m));
    throw pickleError('The pickle makes an instance by the operation "INST".');
  },
  R: call,
  '\x81': call,
  '\x92': (m) => {
    const keywords = pop(m);
    if (!(keywords instanceof Map) || keywords.size > 0) throw pickleError('The pickle makes an instance with keyword arguments.');
    call(m);
  },
  b: build,
  Q: (m) => push(m, m.host.load(pop(m))),
};

const stop = 0x2e;

/** Runs a pickle up to its end; what it holds and where it ends. */
export function runPickle(machine: Machine): { readonly value: Item; readonly end: number } {
  for (;;) {
    const start = machine.at;
    const code = byte(machine);
    if (code === stop) break;
    const operation = operations[String.fromCharCode(code)];
    if (operation === undefined)
      throw pickleError(
        `The pickle has the operation 0x${code.toString(16).padStart(2, '0')} at byte ${start}, which no state dict needs.`,
      );
    machine.budget.take(costs.item);
    operation(machine);
  }
  const value = pop(machine);
  if (isGlobal(value)) throw pickleError(`The pickle holds ${value.global} alone.`);
  return { value, end: machine.at };
}
