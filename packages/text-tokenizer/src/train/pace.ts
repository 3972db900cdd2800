import { type CallOptions, type Progress, throwIfAborted } from '@polymodal/modality-registry';

/** Work between two breaths, in milliseconds. */
const slice = 25;
/** Held here because a global costs far more to look up in some test runners. */
const { now } = Date;

/** Keeps long work abortable: the loops ask `due` every few microseconds' worth of work, and rest when it says so. */
export class Pace {
  #last = now();

  constructor(private readonly options: Pick<CallOptions, 'signal' | 'onProgress'>) {}

  get due(): boolean {
    return now() - this.#last > slice;
  }

  /** Reports, and gives timers and abort signals a turn; throws the signal's reason. */
  async rest(progress: Progress): Promise<void> {
    this.report(progress);
    await new Promise((resolve) => setTimeout(resolve, 0));
    throwIfAborted(this.options.signal);
    this.#last = now();
  }

  /** For the end of a stage. */
  report(progress: Progress): void {
    throwIfAborted(this.options.signal);
    this.options.onProgress?.(progress);
    throwIfAborted(this.options.signal);
  }
}
