import { describe, fileError, inputError, optionsError, type TokenizerError } from '../errors.js';
import { type InterpreterClass, LimitError, maximumSteps, pythonInterpreter } from './python-interpreter.js';

/** The module `@huggingface/jinja`, as `import * as jinja from '@huggingface/jinja'` gives it. */
export interface Jinja {
  readonly tokenize: (source: string, options?: { readonly lstrip_blocks?: boolean; readonly trim_blocks?: boolean }) => unknown;
  readonly parse: (tokens: never) => unknown;
  readonly Environment: new () => object;
  readonly Interpreter: new (environment: never) => object;
}

/** What of that module is used here; its own types are those of one version. */
export interface Internals {
  readonly tokenize: Jinja['tokenize'];
  readonly parse: (tokens: unknown) => unknown;
  readonly Environment: new () => { set(name: string, value: unknown): unknown };
  readonly Interpreter: InterpreterClass;
}

/** Published templates have at most some ten thousand characters. */
const maximumSource = 2 ** 20;
/** The interpreter's errors quote the template. */
const longestMessage = 300;
/** A template that is ready to run: variables → text. */
export type Render = (variables: Readonly<Record<string, unknown>>) => string;

/**
 * Compiles a chat template as transformers does (`trim_blocks`, `lstrip_blocks`). Throws TOKENIZER_FILE when it is no Jinja template; its
 * rendering throws TOKENIZER_INPUT when the template refuses the messages or fails on them, TOKENIZER_FILE when it takes too long.
 */
export function compileTemplate({ tokenize, parse, Environment, Interpreter }: Internals, source: string): Render {
  if (source.length > maximumSource)
    throw broken(`has ${source.length} characters, but at most ${maximumSource} are read`, 'No published template is that long.');
  let program: unknown;
  try {
    // Jinja2 reads all ends of lines as one.
    program = parse(tokenize(source.replace(/\r\n?/g, '\n'), { lstrip_blocks: true, trim_blocks: true }));
  } catch (cause) {
    throw broken(`cannot be parsed (${(cause as Error).message})`, 'Check that the file is whole and that it is a Jinja template.', cause);
  }

  const PythonInterpreter = pythonInterpreter(Interpreter);

  return (variables) => {
    const environment = new Environment();
    for (const [name, value] of Object.entries({ ...globals, ...variables })) if (name !== 'namespace') environment.set(name, value);
    try {
      return String(new PythonInterpreter(environment).run(program).value);
    } catch (cause) {
      if (cause instanceof LimitError) throw broken(cause.message, 'Check where the template comes from.', cause);
      const refused = cause instanceof RefusalError;
      throw inputError(
        refused
          ? `the chat template refuses the messages: ${cause.message}`
          : `the chat template fails on the messages (${(cause as Error).message.slice(0, longestMessage)}).`,
        refused
          ? 'Write the messages as this model expects them.'
          : 'Check that the messages have the fields that this template reads, such as a content that is a text or a list of parts.',
        cause,
      );
    }
  };
}

/** A template's own `raise_exception`. */
class RefusalError extends Error {}

/** What transformers and Jinja give every template. */
const globals: Readonly<Record<string, unknown>> = {
  true: true,
  false: false,
  none: null,
  True: true,
  False: false,
  None: null,
  raise_exception(message: unknown): never {
    throw new RefusalError(String(message));
  },
  range,
};

function range(from: number, to?: number, step = 1): number[] {
  const [start, stop] = to === undefined ? [0, from] : [from, to];
  const length = Math.max(0, Math.ceil((stop - start) / step));
  if (!(length <= maximumSteps)) throw new LimitError(`asks for a range of ${length} numbers`);
  return Array.from({ length }, (_, i) => start + i * step);
}

/** Throws TOKENIZER_OPTIONS unless this is that module. */
export function checkModule(jinja: Jinja | undefined): Internals {
  const parts = jinja as unknown as Internals | undefined;
  const functions = [parts?.tokenize, parts?.parse, parts?.Environment, parts?.Interpreter];
  if (functions.every((part) => typeof part === 'function')) return parts as Internals;
  throw optionsError(
    `jinja is ${describe(jinja)}, but the module @huggingface/jinja was expected.`,
    "Install it, and pass { jinja } after import * as jinja from '@huggingface/jinja'.",
  );
}

function broken(message: string, fix: string, cause?: unknown): TokenizerError {
  return fileError(`the chat template ${message}.`, fix, cause);
}
