import { firstCharacterEnd } from '../characters.js';
import type { JsonReader } from '../json/json-reader.js';
import type { Decoder, DecodeStage } from '../pipeline/decode-stages.js';

/** Takes up to `start` and up to `stop` of one character off the ends of every token. */
export function readStripDecoder(json: JsonReader): Decoder {
  const content = json.field('content').string();
  if (content === '' || firstCharacterEnd(content) !== content.length) throw json.field('content').wrong('one character');
  const start = json.field('start').integer();
  const stop = json.field('stop').integer();
  const leading = (token: string, most: number) => {
    let count = 0;
    while (count < most && token.startsWith(content, count * content.length)) count++;
    return count;
  };
  const trailing = (token: string) => {
    let count = 0;
    while (count < stop && token.endsWith(content, token.length - count * content.length)) count++;
    return count;
  };
  const each = (): DecodeStage => ({
    push(token, emit) {
      const from = leading(token, start) * content.length;
      emit(token.slice(from, Math.max(from, token.length - trailing(token) * content.length)));
    },
    flush() {},
  });
  const ofParts = (): DecodeStage => {
    let left = start;
    // How many of the character what came so far ends with, `stop` at most: they go if nothing follows.
    let held = 0;
    return {
      push(part, emit) {
        const stripped = leading(part, left);
        const rest = part.slice(stripped * content.length);
        left = rest === '' ? left - stripped : 0;
        if (rest === '') return;
        const whole = content.repeat(held) + rest;
        held = trailing(whole);
        if (whole.length > held * content.length) emit(whole.slice(0, whole.length - held * content.length));
      },
      flush() {
        left = start;
        held = 0;
      },
    };
  };
  return Object.assign(each, { ofParts });
}
