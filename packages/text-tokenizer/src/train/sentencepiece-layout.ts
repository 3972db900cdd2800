import { optionsError } from '../errors.js';
import { addedTokensJson, configJson, piecesDecoderJson, type TokenId, templateJson, tokenizerDocument } from '../json/document.js';
import { byteToken } from '../unigram/byte-tokens.js';
import { chooseAlphabet, countCharacters } from './alphabet.js';
import { countWords, type Lines } from './count-words.js';
import { lineWords } from './line-words.js';
import type { Pace } from './pace.js';
import { scriptRuns } from './script-runs.js';
import type { TrainedFiles } from './train-document.js';
import { checkSize, checkSpecialTokens, type SentencePieceBpeTrainOptions, type UnigramTrainOptions } from './train-options.js';

export const space = '▁';

interface Layout {
  /** The first ids: special tokens, then bytes. */
  readonly first: readonly string[];
  readonly special: readonly string[];
  readonly unknown: string;
  readonly byteFallback: boolean;
  /** Counts the words of the text, cut where the script changes, and chooses the alphabet; `always` holds characters that it has in any case. */
  count(
    lines: Lines,
    maximumWords: number,
    pace: Pace,
    always?: string,
  ): Promise<{ words: Map<string, number>; alphabet: readonly string[] }>;
  /** The files around a model. */
  files(model: Readonly<Record<string, unknown>>): TrainedFiles;
}

/** Everything of a SentencePiece-style tokenizer.json but its model. */
export function sentencePieceLayout(
  options: SentencePieceBpeTrainOptions | UnigramTrainOptions,
  defaults: { readonly normalizer: readonly string[]; readonly collapseSpaces: boolean; readonly byteFallback: boolean },
): Layout {
  const roles = { ...options.specialTokens, unknown: options.specialTokens?.unknown ?? '<unk>' };
  const special = order(roles, options.specialIds ?? {});
  checkSpecialTokens(special);
  const byteFallback = options.byteFallback ?? defaults.byteFallback;
  const prefix = options.addPrefixSpace ?? true;

  const normalizers: unknown[] = (options.normalizer ?? defaults.normalizer).map((type) => ({ type }));
  if (options.collapseSpaces ?? defaults.collapseSpaces) {
    normalizers.push({ type: 'Replace', pattern: { Regex: ' {2,}' }, content: ' ' });
    normalizers.push({ type: 'Strip', strip_left: true, strip_right: true });
  }
  const normalizer = normalizers.length === 0 ? null : { type: 'Sequence', normalizers };
  // Old readers know only add_prefix_space.
  const metaspace = {
    type: 'Metaspace',
    replacement: space,
    add_prefix_space: prefix,
    prepend_scheme: prefix ? 'always' : 'never',
    split: true,
  };
  const withId = (token: string | undefined): TokenId[] => (token === undefined ? [] : [[token, special.indexOf(token)]]);
  const first = byteFallback ? [...special, ...Array.from({ length: 256 }, (_, byte) => byteToken(byte))] : special;
  checkSize(options.vocabularySize, first.length + 1, `${first.length} special and byte tokens, and characters`);
  return {
    first,
    special,
    unknown: roles.unknown,
    byteFallback,
    async count(lines, maximumWords, pace, always = '') {
      const line = lineWords(normalizer, metaspace, true);
      const runs = options.splitByScript === false ? undefined : scriptRuns(space);
      const words = await countWords(
        lines,
        runs === undefined ? line : (text, emit) => line(text, (word) => runs(word, emit)),
        maximumWords,
        pace,
      );
      const alphabet = chooseAlphabet(await countCharacters(words, pace), {
        coverage: options.characterCoverage ?? 0.9995,
        always: space + always,
      });
      checkSize(
        options.vocabularySize,
        first.length + alphabet.length,
        `${first.length} special and byte tokens, ${alphabet.length} characters`,
      );
      return { words, alphabet };
    },
    files: (model) => ({
      document: tokenizerDocument({
        added_tokens: addedTokensJson(special.flatMap(withId)),
        normalizer,
        pre_tokenizer: metaspace,
        post_processor: templateJson(withId(roles.begin), withId(roles.end)),
        decoder: byteFallback ? piecesDecoderJson(space, true, prefix) : metaspace,
        model,
      }),
      config: configJson(options.modelMaxLength, {
        unk_token: roles.unknown,
        bos_token: roles.begin,
        eos_token: roles.end,
        pad_token: roles.padding,
        additional_special_tokens: roles.additional,
      }),
    }),
  };
}

type Roles = { readonly unknown: string } & NonNullable<UnigramTrainOptions['specialTokens']>;

/** The special tokens in the order of their ids. */
function order(roles: Roles, ids: NonNullable<UnigramTrainOptions['specialIds']>): string[] {
  const names = ['unknown', 'begin', 'end', 'padding'] as const;
  const present = names.filter((name) => roles[name] !== undefined);
  const count = present.length + (roles.additional?.length ?? 0);
  const placed: (string | undefined)[] = new Array(count).fill(undefined);
  for (const name of names) {
    const id = ids[name];
    if (id === undefined) continue;
    const token = roles[name];
    if (token === undefined)
      throw optionsError(`specialIds has ${name}, but specialTokens has no such token.`, `Name it in specialTokens.`);
    if (!(Number.isInteger(id) && id >= 0 && id < count) || placed[id] !== undefined) {
      throw optionsError(
        `specialIds.${name} is ${String(id)}, but the ${count} special tokens have the ids 0 to ${count - 1}, each once.`,
        'Leave it out, or choose another id.',
      );
    }
    placed[id] = token;
  }
  const rest = [...present.filter((name) => ids[name] === undefined).map((name) => roles[name]!), ...(roles.additional ?? [])];
  return placed.map((token) => token ?? rest.shift()!);
}
