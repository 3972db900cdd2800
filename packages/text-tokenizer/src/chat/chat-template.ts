import type { Encoding } from '../encoding.js';
import { describe, fileError, inputError, optionsError, type TokenizerError } from '../errors.js';
import { type JsonInput, openJson, type ParseLimits } from '../json/parse-json.js';
import { type EncodeOptions, settle } from '../options.js';
import { strip, stripEnd } from '../python-strip.js';
import type { Tokenizer } from '../tokenizer.js';
import { checkModule, compileTemplate, type Jinja, type Render } from './compile-template.js';
import { type ChatMessage, type PlainMessage, plainData, plainMessages } from './messages.js';
import { strftime } from './strftime.js';
import { readTemplates, readTokenVariables } from './template-sources.js';

export interface ChatTemplateOptions {
  /** `import * as jinja from '@huggingface/jinja'` */
  readonly jinja: Jinja;
  /** The text of chat_template.jinja, or templates by name; they count more than those of the tokenizer_config.json. */
  readonly template?: string | Readonly<Record<string, string>> | undefined;
  /** special_tokens_map.json, where the tokenizer_config.json leaves out bos_token and the like. */
  readonly specialTokensMap?: JsonInput | undefined;
  readonly limits?: ParseLimits | undefined;
}

export interface RenderOptions {
  /** Functions that the model may call, each as its JSON schema. */
  readonly tools?: readonly unknown[] | undefined;
  /** Documents to answer from, each with a title and a text. */
  readonly documents?: readonly Readonly<Record<string, unknown>>[] | undefined;
  /** End with what begins an answer; false by default. */
  readonly addGenerationPrompt?: boolean | undefined;
  /** Leave the last message open, for the model to go on with: its `content`, or the field that is named. False by default. */
  readonly continueFinalMessage?: boolean | string | undefined;
  /** Which of several templates, or a Jinja template of one's own; by default `tool_use` for tools, where there is one, else `default`. */
  readonly template?: string | undefined;
  /** More variables for the template, such as `{ enable_thinking: false }`. */
  readonly variables?: Readonly<Record<string, unknown>> | undefined;
  /** What `strftime_now` takes for now. */
  readonly now?: Date | undefined;
}

export interface ChatTemplate {
  /** The names of the templates: `default`, and others where there are any. */
  readonly names: readonly string[];
  /**
   * A conversation as the text that the model was trained on.
   * Throws TOKENIZER_INPUT for messages that the template refuses, TOKENIZER_OPTIONS for options that cannot be meant.
   */
  render(messages: readonly ChatMessage[], options?: RenderOptions): string;
  /** The same as ids; the template writes begin and end tokens itself, so none are put around it. Throws as `render` and `encode` do. */
  encode(tokenizer: Tokenizer, messages: readonly ChatMessage[], options?: RenderOptions & Omit<EncodeOptions, 'pair'>): Encoding;
}

const continueTag = 'CONTINUE_FINAL_MESSAGE_TAG ';

/**
 * The chat templates of a model, as transformers' `apply_chat_template` uses them. They come from `tokenizerConfigJson` or from
 * `options.template`. Throws TOKENIZER_OPTIONS without `jinja`, TOKENIZER_FILE when a file is damaged or there is no template.
 */
export function chatTemplate(tokenizerConfigJson: JsonInput | undefined, options: ChatTemplateOptions): ChatTemplate {
  const { template, limits } = options ?? {};
  const jinja = checkModule(options?.jinja);
  const read = (input: JsonInput | undefined, name: string) => openJson(input ?? {}, name, limits);
  const config = read(tokenizerConfigJson, 'tokenizer_config.json');
  const tokens = readTokenVariables(config, read(options.specialTokensMap, 'special_tokens_map.json'));
  const sources =
    template === undefined
      ? readTemplates(config)
      : new Map(typeof template === 'string' ? [['default', template]] : Object.entries(template));
  if (sources.size === 0) {
    throw fileError(
      'tokenizer_config.json has no chat_template, and no template was passed.',
      'Pass the text of chat_template.jinja as template. A base model, not trained to chat, has none.',
    );
  }
  const compiled = new Map<string, Render>();

  const render = (messages: readonly ChatMessage[], options: RenderOptions = {}): string => {
    const { tools, documents, addGenerationPrompt = false, continueFinalMessage = false, variables = {}, now } = settle(options);
    if (continueFinalMessage !== false && addGenerationPrompt) {
      throw wrongOption(
        'continueFinalMessage and addGenerationPrompt exclude each other',
        'Pass one of them: the first goes on with the last message, the second begins a new one.',
      );
    }
    const source = chooseTemplate(sources, options.template, tools !== undefined);
    let run = compiled.get(source);
    if (run === undefined) {
      run = compileTemplate(jinja, source);
      compiled.set(source, run);
    }
    const chat = plainMessages(messages);
    const key = continueFinalMessage === true ? 'content' : continueFinalMessage;
    const open = key === false ? undefined : markFinalMessage(chat, key, source);
    const text = run({
      strftime_now: (format: unknown) => strftime(now ?? new Date(), String(format)),
      ...tokens,
      ...(plainData(variables) as Readonly<Record<string, unknown>>),
      messages: chat,
      tools: plainData(tools) ?? null,
      documents: plainData(documents) ?? null,
      add_generation_prompt: addGenerationPrompt,
    });
    return open === undefined ? text : cutAtMark(text, open);
  };

  return {
    names: [...sources.keys()],
    render,
    encode: (tokenizer, messages, options = {}) => tokenizer.encode(render(messages, options), encodeOptions(options)),
  };
}

/** Those of the options that the tokenizer knows. */
function encodeOptions(options: RenderOptions & EncodeOptions): EncodeOptions {
  const {
    tools,
    documents,
    addGenerationPrompt,
    continueFinalMessage,
    template,
    variables,
    now,
    addSpecialTokens = false,
    ...rest
  } = options;
  return { ...rest, addSpecialTokens };
}

function chooseTemplate(sources: ReadonlyMap<string, string>, chosen: string | undefined, withTools: boolean): string {
  if (chosen !== undefined) {
    const named = sources.get(chosen);
    if (named !== undefined) return named;
    if (typeof chosen === 'string' && /\{[{%]/.test(chosen)) return chosen;
  } else {
    const found = (withTools ? sources.get('tool_use') : undefined) ?? sources.get('default');
    if (found !== undefined) return found;
  }
  throw wrongOption(
    `template is ${describe(chosen)}, but this model has ${[...sources.keys()].join(', ')}`,
    'Pass one of these names, or a Jinja template.',
  );
}

/** Puts a mark at the end of what is to be continued, and gives that text. */
function markFinalMessage(chat: readonly PlainMessage[], key: string, source: string): string {
  const last = chat.at(-1)!;
  const content = Object.hasOwn(last, key) ? last[key] : undefined;
  if (!source.includes(key))
    throw wrongOption(`continueFinalMessage is ${describe(key)}, which the template does not read`, 'Name a field that it reads.');
  if (typeof content === 'string') {
    last[key] = content + continueTag;
    return content;
  }
  const part = (Array.isArray(content) ? content : []).findLast(
    (part: unknown) => typeof (part as PlainMessage | null)?.text === 'string',
  ) as { text: string } | undefined;
  if (part === undefined) {
    throw inputError(
      `the last message has no text in ${describe(key)} that could be continued.`,
      'Give it one, or leave out continueFinalMessage.',
    );
  }
  const { text } = part;
  part.text += continueTag;
  return text;
}

function cutAtMark(text: string, open: string): string {
  const mark = strip(continueTag);
  const at = text.lastIndexOf(mark);
  if (at < 0 || !text.includes(strip(open))) {
    throw inputError(
      'the chat template does not write the last message as it is, so that it cannot be continued.',
      'Render without continueFinalMessage, and append the beginning of the answer to the text.',
    );
  }
  // Where the template strips the message, its spaces before the mark go as well.
  return text.startsWith(continueTag, at) ? text.slice(0, at) : stripEnd(text.slice(0, at));
}

function wrongOption(message: string, fix: string): TokenizerError {
  return optionsError(`${message}.`, fix);
}
