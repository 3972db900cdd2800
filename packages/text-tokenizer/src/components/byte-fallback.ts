import { decodeUtf8 } from '../bytes.js';
import type { JsonReader } from '../json/json-reader.js';
import type { Decoder } from '../pipeline/decode-stages.js';

/** `<0x4F>`; also `<0x+4>`, which Rust's `from_str_radix` reads. */
const byteToken = /^<0x([0-9a-f]{2}|\+[0-9a-f])>$/i;

/**
 * Runs of byte tokens become the text that they are the UTF-8 of, or as many U+FFFD as there are bytes where they are not UTF-8 as a whole.
 * So a run is held back until it ends: its last byte can spoil its first.
 */
export function readByteFallback(_json: JsonReader): Decoder {
  return () => {
    let bytes: number[] = [];
    const flush = (emit: (piece: string) => void) => {
      if (bytes.length === 0) return;
      const text = decodeUtf8(bytes);
      if (isUtf8(bytes, text)) emit(text);
      else for (const _ of bytes) emit('\ufffd');
      bytes = [];
    };
    return {
      push(token, emit) {
        const byte = byteToken.exec(token)?.[1];
        if (byte !== undefined) bytes.push(Number.parseInt(byte, 16));
        else {
          flush(emit);
          emit(token);
        }
      },
      flush,
    };
  };
}

/** Were all bytes part of whole characters? Each U+FFFD then comes from its own three bytes. */
function isUtf8(bytes: readonly number[], text: string): boolean {
  if (!text.includes('\ufffd')) return true;
  const again = new TextEncoder().encode(text);
  return again.length === bytes.length && again.every((byte, i) => byte === bytes[i]);
}
