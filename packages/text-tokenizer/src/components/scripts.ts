/** The scripts of Unicode 9, which SentencePiece knows; Zyyy and Zinh, Common and Inherited, are two of them. */
const codes =
  'Latn Hani Zyyy Cyrl Arab Hang Zinh Deva Grek Thai Hebr Beng Taml Adlm Ahom Hluw Armn Avst Bali Bamu Bass Batk Bhks Bopo Brah Brai Bugi Buhd Cans Cari Aghb Cakm Cham Cher Copt Xsux Cprt Dsrt Dupl Egyp Elba Ethi Geor Glag Goth Gran Gujr Guru Hano Hatr Armi Phli Prti Java Kthi Knda Kali Khar Khmr Khoj Sind Laoo Lepc Limb Lina Linb Lisu Lyci Lydi Mahj Mlym Mand Mani Marc Mtei Mend Merc Mero Miao Modi Mong Mroo Mult Mymr Nbat Talu Newa Nkoo Ogam Olck Hung Ital Narb Perm Xpeo Sarb Orkh Orya Osge Osma Hmng Palm Pauc Phag Phnx Phlp Rjng Runr Samr Saur Shrd Shaw Sidd Sgnw Sinh Sora Sund Sylo Syrc Tglg Tagb Tale Lana Tavt Takr Tang Telu Thaa Tibt Tfng Tirh Ugar Vaii Wara Yiii';
const maximumMemory = 65_536;

/** {@link scriptFinder}'s number for marks, which have the script of what they stand on. */
export const inherited = 6;

/** Gives a number for the script of a character, -1 for none; kana counts as Han, and so does U+30FC, which lengthens their vowels. */
export function scriptFinder(): (character: string) => number {
  // Hani comes before Zyyy, which U+30FC is of.
  const scripts = codes
    .split(' ')
    .map((code) => new RegExp(code === 'Hani' ? '[\\p{Script=Hani}\\p{Script=Hira}\\p{Script=Kana}ー]' : `\\p{Script=${code}}`, 'u'));
  const known = new Map<string, number>();
  return (character) => {
    let script = known.get(character);
    if (script === undefined) {
      script = scripts.findIndex((pattern) => pattern.test(character));
      if (known.size >= maximumMemory) known.clear();
      known.set(character, script);
    }
    return script;
  };
}
