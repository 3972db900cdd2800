import { appendTokenBytes } from '../bytes.js';
import type { Decoder, DecodeStage } from '../pipeline/decode-stages.js';

/** What huggingface/tokenizers does without a decoder. */
export const joinWithSpaces: Decoder = () => {
  let first = true;
  return {
    push(token, emit) {
      emit(first ? token : ` ${token}`);
      first = false;
    },
    flush() {
      first = true;
    },
  };
};

const ascii = /^[!-~Ġ]*$/;

/** Bytes of all tokens together, then UTF-8, bad bytes as U+FFFD: a character may be spread over several tokens. */
export const byteLevelDecoder: Decoder = /* @__PURE__ */ Object.assign(makeByteLevelStage, { fuses: true });

function makeByteLevelStage(): DecodeStage {
  const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
  // Does the decoder hold the first bytes of a character?
  let open = false;
  return {
    push(token, emit) {
      if (!open && ascii.test(token)) {
        emit(token.replaceAll('Ġ', ' '));
        return;
      }
      const bytes: number[] = [];
      appendTokenBytes(token, bytes);
      emit(utf8.decode(Uint8Array.from(bytes), { stream: true }));
      open ||= bytes.some((byte) => byte >= 0x80);
    },
    flush(emit) {
      emit(utf8.decode());
      open = false;
    },
  };
}
