import { tag } from './assert.js';

/** A deep copy to compare with later; functions, promises and async iterables stay as they are, since reading them would use them up. */
export function snapshot<T>(value: T): T {
  return copy(value, new Map()) as T;
}

function copy(value: unknown, seen: Map<unknown, unknown>): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const known = seen.get(value);
  if (known !== undefined) return known;
  if (isTypedArray(value)) return value.slice();
  if (Array.isArray(value)) {
    const items: unknown[] = [];
    seen.set(value, items);
    for (const item of value) items.push(copy(item, seen));
    return items;
  }
  if (tag(value) !== 'Object') return value;
  // A copy is only ever compared, never passed on, so an instance's private fields need not survive.
  const fields: Record<string, unknown> = Object.create(Object.getPrototypeOf(value));
  seen.set(value, fields);
  for (const key of Object.keys(value)) fields[key] = copy((value as Record<string, unknown>)[key], seen);
  return fields;
}

/**
 * Where two values first differ, as a path such as `values.data[3]: 1 is not 2`; undefined where they do not. Numbers may differ by
 * `tolerance`, plus as much again relative to their size; NaN equals NaN.
 */
export function difference(a: unknown, b: unknown, tolerance = 0, path = ''): string | undefined {
  const differ = (): string => `${path || 'value'}: ${brief(a)} is not ${brief(b)}`;
  if (Object.is(a, b)) return undefined;
  if (typeof a === 'number' && typeof b === 'number') {
    return a === b || Math.abs(a - b) <= tolerance * (1 + Math.max(Math.abs(a), Math.abs(b))) ? undefined : differ();
  }
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null || tag(a) !== tag(b)) return differ();
  if (isTypedArray(a) || Array.isArray(a)) {
    const left = a as ArrayLike<unknown>;
    const right = b as ArrayLike<unknown>;
    if (left.length !== right.length) return `${path || 'value'}: length ${left.length} is not ${right.length}`;
    for (let i = 0; i < left.length; i++) {
      const found = difference(left[i], right[i], tolerance, `${path}[${i}]`);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  if (tag(a) !== 'Object') return differ();
  // An absent field and one that is undefined mean the same.
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const found = difference(
      (a as Record<string, unknown>)[key],
      (b as Record<string, unknown>)[key],
      tolerance,
      path === '' ? key : `${path}.${key}`,
    );
    if (found !== undefined) return found;
  }
  return undefined;
}

type TypedArray = Float32Array | Float64Array | Uint8Array | BigInt64Array;

function isTypedArray(value: unknown): value is TypedArray {
  return ArrayBuffer.isView(value) && tag(value) !== 'DataView';
}

function brief(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  return typeof value === 'object' && value !== null ? tag(value) : String(value);
}
