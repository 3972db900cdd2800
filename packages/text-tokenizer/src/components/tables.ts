import type { JsonReader } from '../json/json-reader.js';
import type { Model } from '../model.js';
import type { Decoder } from '../pipeline/decode-stages.js';
import type { Rewriter, Stage } from '../pipeline/stages.js';
import { bareTemplate, type Template, type TemplateItem } from '../pipeline/template.js';
import type { Vocabulary } from '../vocabulary.js';

/**
 * How to read the components of one kind, by the name that a tokenizer.json gives them. A Sequence reads its parts from the same table, so
 * that a bundle holds only what its table names.
 */
export type Table<T> = Readonly<Record<string, (json: JsonReader, table: Table<T>) => T>>;

/** What a pre-tokenizer does. */
export interface PreTokenizer {
  readonly stages: readonly Stage[];
  /**
   * After the stages, the words are still to be written as the characters of GPT-2's byte alphabet. A byte-level BPE does that itself;
   * for another model add `byteCharacterStage`.
   */
  readonly byteLevel: boolean;
}

/** A text among special tokens, or a special token, as yet in several lists: a template names them. */
export type Items = readonly TemplateItem[];

/** What one processor makes of the sequences that the one before it left, and whether offsets are trimmed. */
export interface PostProcessor {
  process(sequences: readonly Items[]): readonly Items[];
  readonly trimOffsets?: { readonly addPrefixSpace: boolean };
}

/** How to read one type of model. */
export interface ModelKind {
  /** `model.vocab`; every id is checked. */
  entries(json: JsonReader): ReadonlyMap<string, number>;
  /** `vocabulary` is the model's own, without added tokens; `words` says how words arrive: as text, or still to be taken as UTF-8 bytes. */
  read(json: JsonReader, vocabulary: Vocabulary, words: 'text' | 'bytes'): Model;
  /** Can it take words as bytes? */
  readonly readsBytes: boolean;
}

/** Every component that a loader knows. */
export interface Components {
  readonly normalizers: Table<Rewriter>;
  readonly preTokenizers: Table<PreTokenizer>;
  readonly postProcessors: Table<PostProcessor>;
  readonly decoders: Table<Decoder>;
  readonly models: Readonly<Record<string, ModelKind>>;
}

/** Published files have up to 7 parts. */
const longestSequence = 64;

/** Reads a component by its type. Throws TOKENIZER_UNSUPPORTED, naming those that the table knows, when it is not among them. */
export function readComponent<T>(json: JsonReader, what: string, table: Table<T>): T {
  const type = json.type();
  const read = Object.hasOwn(table, type) ? table[type] : undefined;
  if (read === undefined) throw json.unsupported(what, Object.keys(table));
  return read(json, table);
}

/** The parts of a Sequence. */
export function readComponents<T>(json: JsonReader, what: string, table: Table<T>): T[] {
  return json.array(longestSequence).map((item) => readComponent(item, what, table));
}

/** Undefined where the file has none. */
export function readNormalizer(json: JsonReader, table: Table<Rewriter>): Rewriter | undefined {
  return json.absent ? undefined : readComponent(json, 'normalizer', table);
}

/** Without one, a whole text is one word. */
export function readPreTokenizer(json: JsonReader, table: Table<PreTokenizer>): PreTokenizer {
  return json.absent ? { stages: [], byteLevel: false } : readComponent(json, 'pre-tokenizer', table);
}

/** Undefined where the file has none: then nothing is added. */
export function readPostProcessor(json: JsonReader, table: Table<PostProcessor>): Template | undefined {
  if (json.absent) return undefined;
  const { process, trimOffsets } = readComponent(json, 'post-processor', table);
  const texts = bareTemplate.pair.map((item) => [item]);
  return { single: process(texts.slice(0, 1)).flat(), pair: process(texts).flat(), ...(trimOffsets === undefined ? {} : { trimOffsets }) };
}

/** Undefined where the file has none: then tokens are joined with spaces. */
export function readDecoder(json: JsonReader, table: Table<Decoder>): Decoder | undefined {
  return json.absent ? undefined : readComponent(json, 'decoder', table);
}
