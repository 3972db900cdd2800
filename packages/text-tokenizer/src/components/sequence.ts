import type { JsonReader } from '../json/json-reader.js';
import { chainDecoders, type Decoder } from '../pipeline/decode-stages.js';
import type { Rewriter } from '../pipeline/stages.js';
import { byteCharacterStage } from './byte-characters.js';
import { type PreTokenizer, readComponents, type Table } from './tables.js';

export function readNormalizerSequence(json: JsonReader, table: Table<Rewriter>): Rewriter {
  const parts = readComponents(json.field('normalizers'), 'normalizer', table);
  return {
    apply: (text, atStart) => parts.reduce((result, part) => part.apply(result, atStart), text),
    trace: (text, atStart) => parts.reduce((result, part) => part.trace(result, atStart), text),
  };
}

/** Where something follows a ByteLevel part, it works on the byte characters. */
export function readPreTokenizerSequence(json: JsonReader, table: Table<PreTokenizer>): PreTokenizer {
  const parts = readComponents(json.field('pretokenizers'), 'pre-tokenizer', table);
  return {
    stages: parts.flatMap(({ stages, byteLevel }, i) => (byteLevel && i < parts.length - 1 ? [...stages, byteCharacterStage] : stages)),
    byteLevel: parts.at(-1)?.byteLevel ?? false,
  };
}

export function readDecoderSequence(json: JsonReader, table: Table<Decoder>): Decoder {
  const parts = readComponents(json.field('decoders'), 'decoder', table);
  return Object.assign(chainDecoders(parts), { fuses: parts.some((part) => part.fuses) });
}
