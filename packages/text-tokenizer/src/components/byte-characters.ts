import { byteCharacters, writeUtf8 } from '../bytes.js';
import type { Rewriter, Stage } from '../pipeline/stages.js';
import { rewriteCharacters } from './rewrite-characters.js';

/** UTF-8 bytes as GPT-2's byte characters: the ByteLevel normalizer, and what the ByteLevel pre-tokenizer does to its words. */
export const byteCharacterRewriter: Rewriter = {
  apply: spell,
  trace: (text) => rewriteCharacters(text, spell),
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
