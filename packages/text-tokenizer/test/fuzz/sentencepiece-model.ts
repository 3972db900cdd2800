import type { Dice } from './dice.js';
import { makeCharsmap } from './tokenizer-document.js';
import { hostileTokens, makeSymbols, makeWord } from './vocabulary.js';

const utf8 = new TextEncoder();

/** Writes the wire format of protocol buffers: just what sentencepiece_model.proto needs. */
class Message {
  readonly bytes: number[] = [];

  #varint(value: number): void {
    let rest = value >>> 0;
    for (; rest > 127; rest >>>= 7) this.bytes.push((rest & 127) | 128);
    this.bytes.push(rest);
  }

  /** A negative number takes ten bytes, as the C++ library writes an int32. */
  integer(field: number, value: number): this {
    this.#varint(field << 3);
    if (value >= 0) this.#varint(value);
    else {
      for (let shift = 0; shift < 28; shift += 7) this.bytes.push(((value >>> shift) & 127) | 128);
      this.bytes.push((value >>> 28) | 0xf0, 0xff, 0xff, 0xff, 0xff, 1);
    }
    return this;
  }

  float(field: number, value: number): this {
    this.#varint((field << 3) | 5);
    this.bytes.push(...new Uint8Array(Float32Array.of(value).buffer));
    return this;
  }

  data(field: number, content: Uint8Array | readonly number[]): this {
    this.#varint((field << 3) | 2);
    this.#varint(content.length);
    for (const byte of content) this.bytes.push(byte);
    return this;
  }
}

/** Types of pieces: normal, unknown, control, user-defined, byte. */
const [normal, unknown, control, userDefined, unused, byte] = [1, 2, 3, 4, 5, 6];

/** A ModelProto of random pieces, trainer and normalizer settings; most often one that loads. */
export function makeSentencePieceModel(dice: Dice): Uint8Array {
  const model = new Message();
  const piece = (text: string, score: number, type: number) => {
    const message = new Message().data(1, utf8.encode(text)).float(2, score);
    model.data(1, (type === normal && dice.chance(0.5) ? message : message.integer(3, type)).bytes);
  };
  piece('<unk>', 0, dice.chance(0.97) ? unknown : normal);
  piece('<s>', 0, control);
  piece('</s>', 0, control);
  const pieces = [
    ...new Set([...makeSymbols(dice), ...dice.some(60, () => makeWord(dice)), ...dice.some(3, () => dice.pick(hostileTokens))]),
  ];
  const odd = dice.chance(0.2) ? dice.integer(pieces.length) : -1;
  pieces.forEach((text, i) => {
    const type = /^<0x..>$/.test(text) ? byte : dice.chance(0.97) ? normal : dice.pick([control, userDefined, unused]);
    if (i === odd) piece(text, dice.pick([Number.NaN, Number.POSITIVE_INFINITY, -1e30, 1e30]), dice.pick([normal, unknown, byte, 7]));
    else piece(text, dice.pick([-dice.next() * 12, -dice.next() * 12, 0]), type);
  });
  const trainer = new Message()
    .integer(3, dice.pick([1, 1, 2, 2, 3, 4, 9]))
    .integer(35, Number(pieces.includes('<0xFF>') !== dice.chance(0.03)))
    .integer(40, dice.pick([0, 0, 1]))
    .integer(41, dice.pick([1, -1]))
    .integer(42, dice.pick([2, -1, 100_000]))
    .integer(43, -1);
  if (dice.chance(0.3)) trainer.integer(24, dice.integer(2));
  const normalizer = new Message()
    .data(1, utf8.encode('nmt_nfkc'))
    .data(2, dice.chance(0.5) ? [] : makeCharsmap(dice))
    .integer(3, dice.integer(2))
    .integer(4, dice.integer(2))
    .integer(5, dice.integer(2));
  model.data(2, trainer.bytes).data(3, normalizer.bytes);
  if (dice.chance(0.1)) model.data(dice.pick([4, 5, 17, 200]), utf8.encode('unknown field'));
  return Uint8Array.from(model.bytes);
}
