import { byteCharacters, writeUtf8 } from '../bytes.js';
import type { Rewriter, Stage } from '../pipeline/stages.js';
import type { Edit } from '../pipeline/traced-text.js';

/** UTF-8 bytes as GPT-2's byte characters: the ByteLevel normalizer, and what the ByteLevel pre-tokenizer does to its words. */
export const byteCharacterRewriter: Rewriter = {
  apply: spell,
  trace: (text) => text.rewrite(edits(text.text)),
};

/** For models whose words arrive as text. */
export const byteCharacterStage: Stage = { rewrite: byteCharacterRewriter };

function spell(text: string): string {
  const bytes = new Uint8Array(text.length * 3);
  const length = writeUtf8(text, bytes);
  let out = '';
  for (let i = 0; i < length; i++) out += byteCharacters[bytes[i]!]!;
  return out;
}

function* edits(text: string): Generator<Edit> {
  let at = 0;
  for (const character of text) {
    const start = at;
    at += character.length;
    yield { start, end: at, content: spell(character) };
  }
}
