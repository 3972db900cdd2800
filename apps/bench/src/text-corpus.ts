import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRandom, type Random } from '@polymodal/autograd';
import { packageFolder } from './installed.js';

/** Where the texts come from, for the notes. */
export const sources = {
  captions: "made of emojibase's English names and keywords (MIT)",
  english: 'prose from the doc comments of @types/node (MIT) and TypeScript (Apache-2.0), its paragraphs in another order for each run',
  chinese: "pieces of TypeScript's Chinese messages (Apache-2.0) and emojibase's names (MIT), joined to other clauses for each run",
};

interface Emoji {
  readonly label: string;
  readonly tags?: readonly string[];
}

const emoji = (locale: string): Emoji[] => JSON.parse(readFileSync(join(packageFolder('emojibase-data'), locale, 'compact.json'), 'utf8'));

/** Captions of a few words, such as people write under pictures. */
export function captions(count: number, seed: number): string[] {
  const random = createRandom(seed);
  // openai/CLIP's repair straightens quotes; all sides should give the same ids.
  const all = emoji('en').filter(({ label, tags }) => tags !== undefined && !/[‘’“”]/.test(label + tags.join()));
  const pick = <T>(items: readonly T[]) => items[random.integer(items.length)]!;
  const forms: ((a: Emoji, b: Emoji) => string)[] = [
    (a) => `a photo of a ${a.label}`,
    (a, b) => `${a.label} and ${b.label}, ${pick(a.tags!)}`,
    (a) => `${pick(a.tags!)} ${pick(a.tags!)}: ${a.label}`,
    (a, b) => `An oil painting of ${a.label} in front of ${b.label} (${1 + random.integer(99)})`,
    (a, b) => `the ${pick(a.tags!)}'s ${b.label}!`,
  ];
  return Array.from({ length: count }, () => pick(forms)(pick(all), pick(all)));
}

let paragraphs: string[] | undefined;

/** The paragraphs of the doc comments of TypeScript's and Node's declarations, each once. */
function englishParagraphs(): string[] {
  const files = [
    ['@types/node', '.'],
    ['typescript', 'lib'],
  ].flatMap(([name, folder]) => {
    const path = join(packageFolder(name!), folder!);
    return readdirSync(path)
      .filter((file) => file.endsWith('.d.ts'))
      .sort()
      .map((file) => readFileSync(join(path, file), 'utf8'));
  });
  const found = new Set<string>();
  for (const file of files) {
    for (const [, comment] of file.matchAll(/\/\*\*(.*?)\*\//gs)) {
      const text = comment!.replace(/^\s*\* ?/gm, '').replace(/```.*?```/gs, '');
      for (const paragraph of text.split(/\n\s*\n|\n(?=@)/)) if (paragraph.length > 60) found.add(paragraph.trim());
    }
  }
  return [...found];
}

/** A megabyte of English, as UTF-8. */
export function englishDocument(seed: number): string {
  paragraphs ??= englishParagraphs();
  return document(
    createRandom(seed)
      .shuffle([...paragraphs])
      .values(),
    '\n\n',
  );
}

let chinese: string[] | undefined;

/** Runs of Chinese characters: sentences and names without their punctuation. */
function chineseRuns(): string[] {
  const messages = ['zh-cn', 'zh-tw'].flatMap((locale) =>
    Object.values(
      JSON.parse(readFileSync(join(packageFolder('typescript'), 'lib', locale, 'diagnosticMessages.generated.json'), 'utf8')) as Record<
        string,
        string
      >,
    ),
  );
  const names = ['zh', 'zh-hant'].flatMap((locale) => emoji(locale).flatMap(({ label, tags = [] }) => [label, ...tags]));
  return [...new Set([...messages, ...names].flatMap((text) => text.match(/\p{Script=Han}{2,}/gu) ?? []))];
}

/** A megabyte of Chinese, as UTF-8. A clause is a word to the tokenizer: no clause comes twice, so that no cache of words answers for merging. */
export function chineseDocument(seed: number): string {
  chinese ??= chineseRuns();
  return document(clauses(createRandom(seed), chinese), '');
}

function* clauses(random: Random, runs: readonly string[]): Generator<string> {
  for (;;) {
    let clause = '';
    for (let length = 4 + random.integer(14); clause.length < length; ) clause += runs[random.integer(runs.length)]!.slice(0, 12);
    const end = random.integer(20);
    yield clause + (end < 12 ? '，' : end < 17 ? '。' : end < 18 ? `（${random.integer(2000)}）` : end < 19 ? '？' : '。\n');
  }
}

function document(pieces: Iterator<string>, separator: string): string {
  const encoder = new TextEncoder();
  const parts: string[] = [];
  for (let bytes = 0; bytes < 1_000_000; ) {
    const { value, done } = pieces.next();
    if (done) throw new Error('the corpus has less than a megabyte');
    parts.push(value);
    bytes += encoder.encode(value).length + separator.length;
  }
  return parts.join(separator);
}
