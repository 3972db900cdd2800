/** What the kit checks, by name. */
export type CheckName =
  | 'well formed'
  | 'shapes'
  | 'dtypes'
  | 'finite values'
  | 'ids within the vocabulary'
  | 'offsets within bounds'
  | 'round trip'
  | 'batch equals loop'
  | 'determinism'
  | 'results are kept'
  | 'empty batch'
  | 'abort'
  | 'typed errors'
  | 'input left unmodified'
  | 'progress'
  | 'space'
  | 'unit length'
  | 'declared modalities'
  | 'dispose';

/** One check of one part, for any test runner: `test(name, run)`. `run` rejects with a ConformanceError where the promise is broken. */
export interface ConformanceCase {
  /** `@acme/depth: tokenizer('depth'): batch equals loop`. */
  readonly name: string;
  /** The part, as `registry.describe()` labels it; the plugin's name for a check of the whole. */
  readonly part: string;
  readonly check: CheckName;
  run(): Promise<void>;
}

/** Makes the cases of one part: fills in their names. */
export type MakeCase = (check: CheckName, run: () => Promise<void>) => ConformanceCase;

export function caseMaker(plugin: string, part: string): MakeCase {
  return (check, run) => ({ name: part === plugin ? `${plugin}: ${check}` : `${plugin}: ${part}: ${check}`, part, check, run });
}
