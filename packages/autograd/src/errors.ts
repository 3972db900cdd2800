import { PolymodalError, type PolymodalErrorOptions } from '@polymodal/modality-registry';
import { callerLine } from './model-line.js';

/** What `@polymodal/autograd` throws: shapes that do not fit, operators without a gradient, runtimes that are missing or too old. */
export class AutogradError extends PolymodalError {
  /** Where the user's code built what failed, `file:line:column`; the message ends with it. */
  readonly at: string | undefined;

  constructor(options: PolymodalErrorOptions) {
    super(options);
    this.at = callerLine();
    if (this.at !== undefined) this.message += ` (at ${this.at})`;
  }
}

export function shapeError(op: string, message: string, fix?: string): AutogradError {
  return new AutogradError({ code: 'AUTOGRAD_SHAPE', message: `${op}: ${message}`, fix });
}
