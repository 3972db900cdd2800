import type { JsonReader } from '../json/json-reader.js';
import { type Items, type PostProcessor, readComponents, type Table } from './tables.js';

/** It only trims offsets. */
export function readByteLevelProcessor(json: JsonReader): PostProcessor {
  return { process: (sequences) => sequences, ...readTrim(json) };
}

export function readPostProcessorSequence(json: JsonReader, table: Table<PostProcessor>): PostProcessor {
  const parts = readComponents(json.field('processors'), 'post-processor', table);
  const trim = parts.find((part) => part.trimOffsets !== undefined);
  return {
    process: (sequences) => parts.reduce((result, part) => part.process(result), sequences),
    ...(trim?.trimOffsets === undefined ? {} : { trimOffsets: trim.trimOffsets }),
  };
}

/** `[CLS] A [SEP]` and `[CLS] A [SEP] B [SEP]`, where all that belongs to B has type 1. */
export function readBertProcessing(json: JsonReader): PostProcessor {
  const [cls, sep] = [namedId(json.field('cls')), namedId(json.field('sep'))];
  return {
    process: (sequences) =>
      sequences.map((items, i) => {
        const typeId = i === 0 ? 0 : 1;
        return [...(i === 0 ? [{ id: cls, typeId }] : []), ...items, { id: sep, typeId }];
      }),
  };
}

/** `<s> A </s>` and `<s> A </s> </s> B </s>`, all of type 0. */
export function readRobertaProcessing(json: JsonReader): PostProcessor {
  const [cls, sep] = [namedId(json.field('cls')), namedId(json.field('sep'))];
  return {
    process: (sequences) =>
      sequences.map((items, i) => [{ id: i === 0 ? cls : sep, typeId: 0 }, ...withType(items, 0), { id: sep, typeId: 0 }]),
    ...readTrim(json),
  };
}

export function readTemplateProcessing(json: JsonReader): PostProcessor {
  const special = json.field('special_tokens');
  const single = readTemplate(json.field('single'), special, ['A']);
  const pair = json.field('pair').absent ? undefined : readTemplate(json.field('pair'), special, ['A', 'B']);
  return {
    process(sequences) {
      const pieces = sequences.length === 1 ? single : pair;
      if (sequences.length > 2 || pieces === undefined) throw json.error(`has no template for ${sequences.length} sequences.`);
      return pieces.map((piece) => ('ids' in piece ? piece.ids : withType(sequences[piece.sequence]!, piece.typeId)));
    },
  };
}

type Piece = { readonly ids: Items } | { readonly sequence: 0 | 1; readonly typeId: number };

/** `needed`: what the template must hold, since a text would be lost otherwise; it may hold nothing else. */
function readTemplate(json: JsonReader, special: JsonReader, needed: readonly string[]): Piece[] {
  const names = new Set<string>();
  const pieces = json.array(1024).map((item): Piece => {
    const token = item.field('SpecialToken');
    if (!token.absent) {
      const typeId = token.field('type_id').integer(0);
      const ids = special.field(token.field('id').string()).field('ids').array(1024);
      return { ids: ids.map((id) => ({ id: id.integer(), typeId })) };
    }
    const sequence = item.field('Sequence');
    const name = sequence.field('id').string();
    if (!needed.includes(name)) throw sequence.field('id').wrong(`one of ${needed.join(', ')}`);
    names.add(name);
    return { sequence: name === 'A' ? 0 : 1, typeId: sequence.field('type_id').integer(0) };
  });
  const lost = needed.find((name) => !names.has(name));
  if (lost !== undefined) throw json.error(`has no sequence ${lost}, so the text would be lost.`);
  return pieces;
}

function withType(items: Items, typeId: number): Items {
  return items.map((item) => ({ ...item, typeId }));
}

/** `["</s>", 2]` */
function namedId(json: JsonReader): number {
  const [name, id] = json.array(2);
  if (name === undefined || id === undefined) throw json.wrong('a token and its id');
  name.string();
  return id.integer();
}

function readTrim(json: JsonReader): { trimOffsets?: { addPrefixSpace: boolean } } {
  return json.field('trim_offsets').boolean(true) ? { trimOffsets: { addPrefixSpace: json.field('add_prefix_space').boolean(true) } } : {};
}
