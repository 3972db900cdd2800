/** Something that is probably not meant, though it can be computed. */
export interface Warning {
  /** A stable upper-case code, such as `AUDIO_SCALE`. */
  readonly code: string;
  /** What was given, and what is probably meant. */
  readonly message: string;
}

export type WarningListener = (warning: Warning) => void;

const told = new Set<string>();

/**
 * The warning channel: tells `listener` each time; without one, the console, once per code in the life of a process or page.
 *
 * Packages offer `onWarning` beside what may deserve one. Pass `() => {}` to hear nothing.
 */
export function warn(warning: Warning, listener?: WarningListener): void {
  if (listener) {
    listener(warning);
  } else if (!told.has(warning.code)) {
    told.add(warning.code);
    console.warn(`[${warning.code}] ${warning.message}`);
  }
}
