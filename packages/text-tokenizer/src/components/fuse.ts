import type { JsonReader } from '../json/json-reader.js';
import type { Decoder } from '../pipeline/decode-stages.js';

/** Makes one token of all. Nothing is held back for it: the decoders after it are told that they get parts. */
export function readFuse(_json: JsonReader): Decoder {
  return Object.assign(() => ({ push: (token: string, emit: (piece: string) => void) => emit(token), flush() {} }), { fuses: true });
}
