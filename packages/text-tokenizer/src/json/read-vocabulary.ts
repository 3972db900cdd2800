import { isId, type JsonReader } from './json-reader.js';

/** `model.vocab`: an object of ids, or Unigram's list of pieces with scores, whose ids are their places. Every id is checked. */
export function readVocabulary(json: JsonReader): ReadonlyMap<string, number> {
  const ids = new Map<string, number>();
  if (Array.isArray(json.value)) {
    json.values().forEach((entry, id) => {
      const piece: unknown = Array.isArray(entry) ? entry[0] : undefined;
      if (typeof piece !== 'string') throw json.item(id).wrong('a piece and its score');
      if (ids.has(piece)) throw json.item(id).error(`repeats the piece ${JSON.stringify(piece)}.`);
      ids.set(piece, id);
    });
    return ids;
  }
  const object = json.object();
  for (const token of Object.keys(object)) {
    const id = object[token];
    if (!isId(id)) throw json.field(token).wrong('a whole number from 0 to 2147483646');
    ids.set(token, id);
  }
  return ids;
}
