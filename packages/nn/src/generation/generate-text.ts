import type { CausalModel, Prompt } from './causal-model.js';
import { type FinishReason, generateRows } from './generate.js';
import type { GenerationOptions } from './options.js';
import { stopScanner } from './stop-strings.js';

/** What generation needs of a tokenizer; those of `@polymodal/text-tokenizer` have it. */
export interface TextDecoder {
  /** Gives text as ids come; a character waits for its last byte. */
  decodeStream(options?: { readonly skipSpecialTokens?: boolean }): { push(id: number): string; flush(): string };
}

export interface TextTokenizer extends TextDecoder {
  encode(text: string): { readonly ids: ArrayLike<number> };
}

export interface TextGenerationOptions extends GenerationOptions {
  /** Texts that end a sequence; they are not part of what is given. */
  readonly stopStrings?: readonly string[];
  /** Default true. */
  readonly skipSpecialTokens?: boolean;
}

export interface TextPart {
  /** Which prompt of the batch it continues. */
  readonly row: number;
  /** What this token adds, often ''. */
  readonly text: string;
  readonly id: number;
  /** Given with the last part of a sequence. */
  readonly finish?: FinishReason;
}

interface TextSequence {
  readonly decoder: ReturnType<TextDecoder['decodeStream']>;
  readonly scanner: ReturnType<typeof stopScanner>;
  text: string;
}

/**
 * Continues a batch of prompts (texts, ids, or parts) as text. Parts of the rows come interleaved, one per token. Throws as `generate`; what the
 * tokenizer throws passes through.
 */
export async function* generateTexts<State>(
  model: CausalModel<State>,
  tokenizer: TextTokenizer,
  prompts: readonly (string | Prompt)[],
  options: TextGenerationOptions = {},
): AsyncGenerator<TextPart, void, undefined> {
  const { stopStrings = [], skipSpecialTokens = true } = options;
  const sequences = prompts.map((): TextSequence => {
    return { decoder: tokenizer.decodeStream({ skipSpecialTokens }), scanner: stopScanner(stopStrings), text: '' };
  });
  const stops = (row: number, id: number): boolean => {
    const sequence = sequences[row]!;
    const { text, stopped } = sequence.scanner.push(sequence.decoder.push(id));
    sequence.text = text;
    return stopped;
  };
  const ids = prompts.map((prompt) => (typeof prompt === 'string' ? tokenizer.encode(prompt).ids : prompt));
  for await (const token of generateRows(model, ids, options, stops)) {
    const { decoder, scanner, text } = sequences[token.row]!;
    if (token.finish === undefined) yield { ...token, text };
    else {
      const last = scanner.push(decoder.flush()); // What was held back may complete a stop string.
      yield { ...token, text: text + last.text + scanner.flush() };
    }
  }
}

/** Continues one prompt as text; see {@link generateTexts}. */
export function generateText<State>(
  model: CausalModel<State>,
  tokenizer: TextTokenizer,
  prompt: string | Prompt,
  options: TextGenerationOptions = {},
): AsyncGenerator<TextPart, void, undefined> {
  return generateTexts(model, tokenizer, [prompt], options);
}
