import type { JsonReader } from '../json/json-reader.js';

/** The special ids that go around one text. */
export interface Frame {
  readonly before: readonly number[];
  readonly after: readonly number[];
}

const known = ['TemplateProcessing', 'RobertaProcessing', 'BertProcessing', 'ByteLevel', 'Sequence'];

/** Compiles `post_processor` of a tokenizer.json; throws TOKENIZER_UNSUPPORTED for a type it does not know. */
export function readPostProcessor(json: JsonReader): Frame {
  if (json.absent) return { before: [], after: [] };
  switch (json.type()) {
    // It only trims offsets.
    case 'ByteLevel':
      return { before: [], after: [] };
    case 'RobertaProcessing':
    case 'BertProcessing':
      return { before: [namedId(json.field('cls'))], after: [namedId(json.field('sep'))] };
    case 'TemplateProcessing':
      return readTemplate(json);
    case 'Sequence': {
      const frames = json.field('processors').array(64).map(readPostProcessor);
      return { before: frames.toReversed().flatMap((frame) => frame.before), after: frames.flatMap((frame) => frame.after) };
    }
    default:
      throw json.unsupported('post-processor', known);
  }
}

/** `["</s>", 2]` */
function namedId(json: JsonReader): number {
  const [name, id] = json.array(2);
  if (name === undefined || id === undefined) throw json.wrong('a token and its id');
  name.string();
  return id.integer();
}

function readTemplate(json: JsonReader): Frame {
  const before: number[] = [];
  const after: number[] = [];
  let found = false;
  for (const item of json.field('single').array(1024)) {
    const special = item.field('SpecialToken');
    if (special.absent) {
      if (item.field('Sequence').field('id').string() !== 'A' || found)
        throw item.error('must be the one sequence A of a template for a single text.');
      found = true;
      continue;
    }
    const ids = json.field('special_tokens').field(special.field('id').string()).field('ids').array(1024);
    (found ? after : before).push(...ids.map((id) => id.integer()));
  }
  if (!found) throw json.field('single').error('has no sequence A, so the text would be lost.');
  return { before, after };
}
