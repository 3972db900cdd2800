import { isId, type JsonReader } from './json-reader.js';

/** `model.vocab` as an object of ids. Every id is checked. */
export function readVocabulary(json: JsonReader): ReadonlyMap<string, number> {
  const ids = new Map<string, number>();
  const object = json.object();
  for (const token of Object.keys(object)) {
    const id = object[token];
    if (!isId(id)) throw json.field(token).wrong('a whole number from 0 to 2147483646');
    ids.set(token, id);
  }
  return ids;
}

/** `model.vocab` as Unigram has it: a list of pieces with scores, whose ids are their places. */
export function readPieces(json: JsonReader): ReadonlyMap<string, number> {
  const ids = new Map<string, number>();
  json.values().forEach((entry, id) => {
    const piece: unknown = Array.isArray(entry) ? entry[0] : undefined;
    if (typeof piece !== 'string') throw json.item(id).wrong('a piece and its score');
    if (ids.has(piece)) throw json.item(id).error(`repeats the piece ${JSON.stringify(piece)}.`);
    ids.set(piece, id);
  });
  return ids;
}
