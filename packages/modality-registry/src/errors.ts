const marker = Symbol.for('polymodal.error');

export interface PolymodalErrorOptions {
  /** A stable upper-case code, such as `IMAGE_DIMENSIONS`. */
  readonly code: string;
  /** What was given and what was expected. */
  readonly message: string;
  /** What to do about it; appended to the message. */
  readonly fix?: string;
  readonly cause?: unknown;
}

/**
 * The base of every error that a Polymodal package throws on purpose.
 *
 * Its message reads `ImageError [IMAGE_DIMENSIONS]: image data has 12 bytes, but 4×4 RGB needs 48. Pass …`: what was given, what was
 * expected, and the fix. Test with {@link PolymodalError.isInstance}, which also holds across two copies of this package.
 */
export class PolymodalError extends Error {
  readonly code: string;
  readonly fix: string | undefined;
  readonly [marker] = true;

  constructor({ code, message, fix, cause }: PolymodalErrorOptions) {
    super(fix === undefined ? message : `${message} ${fix}`, cause === undefined ? undefined : { cause });
    this.name = new.target.name;
    this.code = code;
    this.fix = fix;
  }

  override toString(): string {
    return `${this.name} [${this.code}]: ${this.message}`;
  }

  static isInstance(value: unknown): value is PolymodalError {
    return typeof value === 'object' && value !== null && (value as Record<symbol, unknown>)[marker] === true;
  }
}

/** Throws the signal's reason when it has been aborted; every long verb calls this between units of work. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  signal?.throwIfAborted();
}
