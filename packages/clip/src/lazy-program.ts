import type { Program } from '@polymodal/autograd';
import { type Disposable, disposable } from '@polymodal/modality-registry';
import { ClipError } from './errors.js';

/** A graph that is compiled when it is first needed, and released once. */
export interface LazyProgram extends Disposable {
  /** Throws {@link ClipError} `CLIP_DISPOSED` after disposal. */
  ready(): Promise<Program>;
}

export function lazyProgram(compile: () => Promise<Program>): LazyProgram {
  let compiled: Promise<Program> | undefined;
  let disposed = false;
  return {
    async ready() {
      if (disposed) throw new ClipError({ code: 'CLIP_DISPOSED', message: 'the model has been disposed of.', fix: 'Load it again.' });
      compiled ??= compile();
      return compiled;
    },
    ...disposable(async () => {
      disposed = true;
      // A graph that did not compile holds nothing.
      const program = await compiled?.catch(() => undefined);
      await program?.release();
    }),
  };
}
