import { appendTokenBytes, decodeUtf8 } from '../bytes.js';
import type { JsonReader } from '../json/json-reader.js';

/** Tokens → text. */
export type Decoder = (tokens: readonly string[]) => string;

const known = ['ByteLevel', 'Sequence'];

/** Compiles `decoder` of a tokenizer.json; without one tokens are joined with spaces, as in the original. */
export function readDecoder(json: JsonReader): Decoder {
  if (json.absent) return (tokens) => tokens.join(' ');
  switch (json.type()) {
    case 'ByteLevel':
      return decodeByteLevel;
    case 'Sequence': {
      const [first, ...rest] = json.field('decoders').array(64);
      if (first === undefined) return (tokens) => tokens.join('');
      if (rest.length > 0) throw rest[0]!.unsupported('second decoder', ['ByteLevel alone']);
      return readDecoder(first);
    }
    default:
      throw json.unsupported('decoder', known);
  }
}

/** Bytes of all tokens together, then UTF-8: a character may be spread over several tokens. */
export function decodeByteLevel(tokens: readonly string[]): string {
  const bytes: number[] = [];
  for (const token of tokens) appendTokenBytes(token, bytes);
  return decodeUtf8(bytes);
}
