/** A value of the template engine. */
export interface Value {
  readonly type: string;
  readonly value: unknown;
}

/** What Python's `str` makes of a value, which is what a template prints. */
export function pythonString(value: Value): string {
  if (value.type === 'StringValue') return value.value as string;
  return value.type === 'UndefinedValue' ? '' : pythonRepresentation(value);
}

function pythonRepresentation(value: Value): string {
  switch (value.type) {
    case 'StringValue':
      return quoted(value.value as string);
    case 'BooleanValue':
      return value.value === true ? 'True' : 'False';
    case 'NullValue':
      return 'None';
    case 'UndefinedValue':
      return 'Undefined';
    case 'ArrayValue':
      return `[${(value.value as Value[]).map(pythonRepresentation).join(', ')}]`;
    case 'TupleValue': {
      const items = (value.value as Value[]).map(pythonRepresentation);
      return items.length === 1 ? `(${items[0]},)` : `(${items.join(', ')})`;
    }
    case 'ObjectValue': {
      const entries = [...(value.value as Map<string, Value>)];
      return `{${entries.map(([key, item]) => `${quoted(key)}: ${pythonRepresentation(item)}`).join(', ')}}`;
    }
    default:
      return String(value);
  }
}

const escapes: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\\': '\\\\' };

function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const body = text.replace(/[\\\p{C}\p{Z}'"]/gu, (character) => {
    if (character === ' ' || character === "'" || character === '"') return character === quote ? `\\${quote}` : character;
    const short = escapes[character];
    if (short !== undefined) return short;
    const code = character.codePointAt(0)!;
    const digits = code.toString(16);
    return code < 0x100
      ? `\\x${digits.padStart(2, '0')}`
      : code < 0x10000
        ? `\\u${digits.padStart(4, '0')}`
        : `\\U${digits.padStart(8, '0')}`;
  });
  return quote + body + quote;
}

const numbers = ['IntegerValue', 'FloatValue', 'BooleanValue'];
const lists = ['ArrayValue', 'TupleValue'];

/** Python's `==`. */
export function pythonEquals(left: Value, right: Value): boolean {
  if (numbers.includes(left.type) && numbers.includes(right.type)) return Number(left.value) === Number(right.value);
  if (left.type !== right.type) return false;
  if (lists.includes(left.type)) {
    const [items, others] = [left.value as Value[], right.value as Value[]];
    return items.length === others.length && items.every((item, i) => pythonEquals(item, others[i]!));
  }
  if (left.type !== 'ObjectValue') return left.value === right.value;
  const [entries, others] = [left.value as Map<string, Value>, right.value as Map<string, Value>];
  return entries.size === others.size && [...entries].every(([key, item]) => others.has(key) && pythonEquals(item, others.get(key)!));
}

/** Python's `strip`, `lstrip` and `rstrip` with the characters to take off. */
export function stripCharacters(text: string, characters: string, side: 'strip' | 'lstrip' | 'rstrip'): string {
  const all = new Set(characters);
  const units = Array.from(text);
  let start = 0;
  let end = units.length;
  if (side !== 'rstrip') while (start < end && all.has(units[start]!)) start++;
  if (side !== 'lstrip') while (end > start && all.has(units[end - 1]!)) end--;
  return units.slice(start, end).join('');
}
