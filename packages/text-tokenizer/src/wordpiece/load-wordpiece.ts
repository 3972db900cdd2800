import { readBertNormalizer } from '../components/bert-normalizer.js';
import { readTemplateProcessing } from '../components/post-processor.js';
import { bertPreTokenizer } from '../components/splits.js';
import type { Components } from '../components/tables.js';
import { readWordPieceDecoder, wordPieceDecoder } from '../components/wordpiece-decoder.js';
import { describe, fileError, optionsError, TokenizerError } from '../errors.js';
import { readVocabulary } from '../json/read-vocabulary.js';
import { loadDocument } from '../load-document.js';
import type { TemplateItem } from '../pipeline/template.js';
import { textEncoder } from '../pipeline/text-encoder.js';
import { Tokenizer } from '../tokenizer.js';
import { mapVocabulary, type Vocabulary } from '../vocabulary.js';
import { type BertStyles, bertConfig, bertDocument, bertSpecialTokens, continuation } from './bert-document.js';
import { googleStages } from './google-stages.js';
import { readVocabularyLines, vocabularyFix } from './read-vocabulary-lines.js';
import { readWordPiece } from './read-wordpiece.js';
import { WordPieceModel } from './wordpiece-model.js';

export interface WordPieceLoadOptions {
  /** As the model was trained: true for "uncased" models (the default), false for "cased" ones. */
  readonly lowercase?: boolean;
  /** What `lowercase` says by default. */
  readonly stripAccents?: boolean;
  /** Make every CJK ideograph a word; true by default. */
  readonly tokenizeChineseChars?: boolean;
  /**
   * Whose ids to give: those of huggingface/tokenizers, where `[MASK]` in a text is the mask token (`'hf'`, the default), or those of
   * google-research/bert's tokenization.py, where it is text (`'google'`).
   */
  readonly compat?: 'hf' | 'google';
  /** Ids that the model takes, [CLS] and [SEP] included. */
  readonly modelMaxLength?: number;
}

/** What BERT's tokenizer.json is made of. */
const components = {
  normalizers: { BertNormalizer: readBertNormalizer },
  preTokenizers: { BertPreTokenizer: () => bertPreTokenizer },
  postProcessors: { TemplateProcessing: readTemplateProcessing },
  decoders: { WordPiece: readWordPieceDecoder },
  models: { WordPiece: { entries: readVocabulary, read: readWordPiece, readsBytes: false } },
} as const satisfies Components;

/**
 * BERT's tokenizer from its vocab.txt (Devlin et al. 2018, arXiv 1810.04805). Throws TOKENIZER_FILE when the file is not text with one token
 * a line, or lacks [UNK], [CLS] or [SEP].
 */
export function loadWordPiece(vocabTxt: string | Uint8Array, options: WordPieceLoadOptions = {}): Tokenizer {
  const { lowercase = true, stripAccents = lowercase, tokenizeChineseChars = true, compat = 'hf', modelMaxLength } = options;
  if (compat !== 'hf' && compat !== 'google') {
    throw optionsError(`compat is ${describe(compat)}, but 'hf' or 'google' was expected.`, "Leave it out for 'hf'.");
  }
  const ids = readVocabularyLines(vocabTxt, compat === 'google' ? 'both' : 'end');
  const missing = ['[UNK]', '[CLS]', '[SEP]'].find((token) => !ids.has(token));
  if (missing !== undefined) {
    const first = describe([...ids.keys()].find((token) => token !== ''));
    throw fileError(`vocab.txt, which begins with ${first}, has no token ${missing}.`, vocabularyFix);
  }
  const styles = { lowercase, stripAccents, tokenizeChineseChars };
  if (compat === 'google') return googleTokenizer(mapVocabulary(ids), styles, modelMaxLength);
  return loadDocument(components, bertDocument(ids, styles), bertConfig(ids, styles, modelMaxLength), {});
}

/** Special tokens are not looked for in texts; `decode` is that of huggingface/tokenizers, since the original has none. */
function googleTokenizer(vocabulary: Vocabulary, styles: BertStyles, modelMaxLength: number | undefined): Tokenizer {
  const model = new WordPieceModel({ vocabulary, unknownId: vocabulary.id('[UNK]'), prefix: continuation, maximumLength: 200 });
  const encoder = textEncoder({
    rawTokens: undefined,
    normalizedTokens: undefined,
    normalizer: undefined,
    stages: googleStages(styles),
    model,
  });
  const special = (token: string, typeId: number) => ({ id: vocabulary.id(token)!, typeId });
  const single: readonly TemplateItem[] = [special('[CLS]', 0), { sequence: 'A', typeId: 0 }, special('[SEP]', 0)];
  return new Tokenizer({
    vocabulary,
    encoder: () => encoder,
    decoder: wordPieceDecoder(continuation, true),
    template: { single, pair: [...single, { sequence: 'B', typeId: 1 }, special('[SEP]', 1)] },
    specialIds: new Set(bertSpecialTokens.flatMap((token) => vocabulary.id(token) ?? [])),
    padding: { id: vocabulary.id('[PAD]'), typeId: 0, side: 'right', multiple: 1 },
    truncationSide: 'right',
    modelMaxLength,
    defaults: {},
    toJSON: notExpressible,
    toConfigJSON: notExpressible,
  });
}

function notExpressible(): never {
  throw new TokenizerError({
    code: 'TOKENIZER_NOT_EXPRESSIBLE',
    message: 'the cleaning of google-research/bert has no component in a tokenizer.json, so a file would give other ids.',
    fix: "Load the vocab.txt with compat: 'hf'.",
  });
}
