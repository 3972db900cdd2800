import type { Splitter } from '../pipeline/stages.js';
import { splitting } from './split-pattern.js';
import type { PreTokenizer } from './tables.js';

/** The scripts of Unicode 9, which SentencePiece knows; Zyyy and Zinh are two of them. */
const codes =
  'Latn Hani Zyyy Cyrl Arab Hang Zinh Deva Grek Thai Hebr Beng Taml Adlm Ahom Hluw Armn Avst Bali Bamu Bass Batk Bhks Bopo Brah Brai Bugi Buhd Cans Cari Aghb Cakm Cham Cher Copt Xsux Cprt Dsrt Dupl Egyp Elba Ethi Geor Glag Goth Gran Gujr Guru Hano Hatr Armi Phli Prti Java Kthi Knda Kali Khar Khmr Khoj Sind Laoo Lepc Limb Lina Linb Lisu Lyci Lydi Mahj Mlym Mand Mani Marc Mtei Mend Merc Mero Miao Modi Mong Mroo Mult Mymr Nbat Talu Newa Nkoo Ogam Olck Hung Ital Narb Perm Xpeo Sarb Orkh Orya Osge Osma Hmng Palm Pauc Phag Phnx Phlp Rjng Runr Samr Saur Shrd Shaw Sidd Sgnw Sinh Sora Sund Sylo Syrc Tglg Tagb Tale Lana Tavt Takr Tang Telu Thaa Tibt Tfng Tirh Ugar Vaii Wara Yiii';
const maximumMemory = 65_536;

/**
 * Pieces of one script (huggingface/tokenizers, pre_tokenizers/unicode_scripts; SentencePiece). Kana counts as Han; spaces and characters of
 * no script belong to the piece before them, and are lost before the first.
 */
export function unicodeScripts(): PreTokenizer {
  const scripts = codes
    .split(' ')
    .map((code) => new RegExp(code === 'Hani' ? '[\\p{Script=Hani}\\p{Script=Hira}\\p{Script=Kana}]' : `\\p{Script=${code}}`, 'u'));
  const known = new Map<string, number>();
  /** -1 for none. */
  const scriptOf = (character: string): number => {
    let script = known.get(character);
    if (script === undefined) {
      script = character === ' ' ? -1 : character === 'ー' ? 1 : scripts.findIndex((pattern) => pattern.test(character));
      if (known.size >= maximumMemory) known.clear();
      known.set(character, script);
    }
    return script;
  };
  const split: Splitter = (text, emit) => {
    let start = -1;
    let last = -1;
    let at = 0;
    for (const character of text) {
      const script = scriptOf(character);
      if (script >= 0 && script !== last) {
        if (start >= 0) emit(start, at);
        start = at;
        last = script;
      }
      at += character.length;
    }
    if (start >= 0) emit(start, text.length);
  };
  return splitting(split);
}
