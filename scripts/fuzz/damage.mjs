import { PolymodalError } from '@polymodal/modality-registry';

const bytesOf = (text) => new TextEncoder().encode(text);

const tokens = ['0', '-1', '1e9', '1e308', 'null', 'true', '""', '[]', '{}', '"__proto__"', '9007199254740993', '[[[[', '\u0000'].map(
  bytesOf,
);

/** One to four random changes: flipped bits, bytes, cuts, repeats, and values of the wrong kind. */
export function damage(good, random) {
  let bytes = good.slice();
  for (let change = 0; change <= random.integer(4); change++) {
    const at = random.integer(bytes.length + 1);
    const end = Math.min(bytes.length, at + random.integer(16));
    const splice = (insert, from = at, to = end) => {
      bytes = Uint8Array.from([...bytes.subarray(0, from), ...insert, ...bytes.subarray(to)]);
    };
    switch (random.integer(6)) {
      case 0:
        if (at < bytes.length) bytes[at] ^= 1 << random.integer(8);
        break;
      case 1:
        if (at < bytes.length) bytes[at] = random.integer(256);
        break;
      case 2:
        bytes = bytes.slice(0, at);
        break;
      case 3:
        splice([]);
        break;
      case 4:
        splice(bytes.slice(at, end), at, at);
        break;
      default:
        splice(tokens[random.integer(tokens.length)]);
    }
  }
  return bytes;
}

/** What became of a file: read, or refused by a typed error. */
export async function outcomeOf(parse, bytes, json) {
  try {
    await parse(bytes);
    return 'accepted';
  } catch (error) {
    // Text that is no JSON never reaches these parsers.
    if (PolymodalError.isInstance(error) || (json && error instanceof SyntaxError)) return 'refused';
    throw error;
  }
}
