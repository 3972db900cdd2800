import { firstCharacterEnd } from '../characters.js';
import type { JsonReader } from '../json/json-reader.js';
import type { Decoder } from '../pipeline/decode-stages.js';
import type { Rewriter, Splitter, Stage } from '../pipeline/stages.js';
import type { Edit } from '../pipeline/traced-text.js';

const schemes = ['always', 'first', 'never'] as const;
type Scheme = (typeof schemes)[number];

/** Spaces become `▁`, one is put before the text (or before its first piece alone), and every `▁` begins a word. */
export function readMetaspace(json: JsonReader): Stage[] {
  const { replacement, scheme } = readOptions(json);
  const rewrite = metaspaceRewriter(replacement, scheme);
  return json.field('split').boolean(true) ? [{ rewrite }, { split: splitBefore(replacement) }] : [{ rewrite }];
}

/** `▁` becomes a space; in the first token it goes, where the pre-tokenizer put one there. */
export function readMetaspaceDecoder(json: JsonReader): Decoder {
  const { replacement, scheme } = readOptions(json);
  return () => {
    let first = true;
    return {
      push(token, emit) {
        emit(token.replaceAll(replacement, first && scheme !== 'never' ? '' : ' '));
        first = false;
      },
      flush() {
        first = true;
      },
    };
  };
}

function readOptions(json: JsonReader): { replacement: string; scheme: Scheme } {
  const replacement = json.field('replacement').string('▁');
  if (replacement === '' || firstCharacterEnd(replacement) !== replacement.length) throw json.field('replacement').wrong('one character');
  const name = json.field('prepend_scheme').string(undefined);
  // Files from before prepend_scheme say it with add_prefix_space.
  const prefix = json.field('add_prefix_space').boolean(true);
  const scheme = name === undefined ? (prefix ? 'always' : 'never') : schemes.find((each) => each === name);
  if (scheme === undefined) throw json.field('prepend_scheme').wrong(`one of ${schemes.join(', ')}`);
  if (!prefix && scheme !== 'never')
    throw json.field('add_prefix_space').error(`is false, but prepend_scheme is ${JSON.stringify(scheme)}.`);
  return { replacement, scheme };
}

function metaspaceRewriter(replacement: string, scheme: Scheme): Rewriter {
  const needsPrefix = (text: string, atStart: boolean) =>
    text !== '' && (scheme === 'always' || (scheme === 'first' && atStart)) && !text.startsWith(' ') && !text.startsWith(replacement);
  return {
    apply: (text, atStart) => (needsPrefix(text, atStart) ? replacement : '') + text.replaceAll(' ', replacement),
    trace(text, atStart) {
      const edits: Edit[] = needsPrefix(text.text, atStart)
        ? [{ start: 0, end: 0, content: replacement, from: 0, to: firstCharacterEnd(text.text) }]
        : [];
      for (let at = text.text.indexOf(' '); at >= 0; at = text.text.indexOf(' ', at + 1))
        edits.push({ start: at, end: at + 1, content: replacement });
      return text.rewrite(edits);
    },
  };
}

function splitBefore(replacement: string): Splitter {
  return (text, emit) => {
    let start = 0;
    for (let at = text.indexOf(replacement, 1); at > 0; at = text.indexOf(replacement, at + replacement.length)) {
      emit(start, at);
      start = at;
    }
    if (start < text.length) emit(start, text.length);
  };
}
