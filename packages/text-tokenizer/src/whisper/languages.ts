import { describe, optionsError } from '../errors.js';

/** Code and English name, in the order of their ids; Cantonese, the hundredth, came with large-v3. */
const table =
  'en english,zh chinese,de german,es spanish,ru russian,ko korean,fr french,ja japanese,pt portuguese,tr turkish,pl polish,ca catalan,' +
  'nl dutch,ar arabic,sv swedish,it italian,id indonesian,hi hindi,fi finnish,vi vietnamese,he hebrew,uk ukrainian,el greek,ms malay,' +
  'cs czech,ro romanian,da danish,hu hungarian,ta tamil,no norwegian,th thai,ur urdu,hr croatian,bg bulgarian,lt lithuanian,la latin,' +
  'mi maori,ml malayalam,cy welsh,sk slovak,te telugu,fa persian,lv latvian,bn bengali,sr serbian,az azerbaijani,sl slovenian,kn kannada,' +
  'et estonian,mk macedonian,br breton,eu basque,is icelandic,hy armenian,ne nepali,mn mongolian,bs bosnian,kk kazakh,sq albanian,' +
  'sw swahili,gl galician,mr marathi,pa punjabi,si sinhala,km khmer,sn shona,yo yoruba,so somali,af afrikaans,oc occitan,ka georgian,' +
  'be belarusian,tg tajik,sd sindhi,gu gujarati,am amharic,yi yiddish,lo lao,uz uzbek,fo faroese,ht haitian creole,ps pashto,tk turkmen,' +
  'nn nynorsk,mt maltese,sa sanskrit,lb luxembourgish,my myanmar,bo tibetan,tl tagalog,mg malagasy,as assamese,tt tatar,haw hawaiian,' +
  'ln lingala,ha hausa,ba bashkir,jw javanese,su sundanese,yue cantonese';

const aliases =
  'my burmese,ca valencian,nl flemish,ht haitian,lb letzeburgesch,ps pushto,pa panjabi,ro moldavian,ro moldovan,si sinhalese,' +
  'es castilian,zh mandarin';

const pairs = (list: string) =>
  list.split(',').map((entry): [code: string, name: string] => {
    const space = entry.indexOf(' ');
    return [entry.slice(0, space), entry.slice(space + 1)];
  });

/** Whisper's 100 languages, code → English name, in the order of their ids; multilingual models before large-v3 know the first 99. */
export const whisperLanguages: ReadonlyMap<string, string> = /* @__PURE__ */ new Map(/* @__PURE__ */ pairs(table));

const codes: ReadonlyMap<string, string> = /* @__PURE__ */ new Map(
  /* @__PURE__ */ pairs(`${table},${aliases}`).map(([code, name]) => [name, code]),
);

/**
 * The code of a language that is given as a code or as an English name, in any case: `'French'` is `'fr'`, `'Castilian'` is `'es'`.
 * Throws TOKENIZER_OPTIONS for any other.
 */
export function whisperLanguageCode(language: string): string {
  const name = String(language).toLowerCase();
  const code = whisperLanguages.has(name) ? name : codes.get(name);
  if (code !== undefined) return code;
  throw optionsError(
    `the language is ${describe(language)}, but Whisper knows ${whisperLanguages.size} languages by code or English name: ${[...whisperLanguages.keys()].join(', ')}.`,
    "Give one of them, such as 'en' or 'english'.",
  );
}
