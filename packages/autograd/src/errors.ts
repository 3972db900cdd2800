import { PolymodalError } from '@polymodal/modality-registry';

/** What `@polymodal/autograd` throws: shapes that do not fit, operators without a gradient, runtimes that are missing or too old. */
export class AutogradError extends PolymodalError {}

export function shapeError(op: string, message: string, fix?: string): AutogradError {
  return new AutogradError({ code: 'AUTOGRAD_SHAPE', message: `${op}: ${message}`, fix });
}
