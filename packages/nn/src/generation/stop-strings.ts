import { optionError } from './errors.js';

/** Looks for stop strings in a text that comes in pieces. */
export interface StopScanner {
  /** The text that certainly comes before any stop string; `stopped` once one is found, after which nothing more is given. */
  push(text: string): { readonly text: string; readonly stopped: boolean };
  /** What was held back because a stop string might have begun in it. */
  flush(): string;
}

/** Throws `GENERATION_OPTIONS` for what is no list of texts, and for an empty one. Where several begin at one place, the text ends there all the same. */
export function stopScanner(stops: readonly string[]): StopScanner {
  if (!Array.isArray(stops) || stops.some((stop) => typeof stop !== 'string' || stop === ''))
    throw optionError('stopStrings', stops, 'a list of texts of one character or more');
  const longest = stops.reduce((length, stop) => Math.max(length, stop.length), 0);
  let held = '';
  let stopped = false;
  /** Where in `held` a stop string may begin that has not ended. */
  const openEnd = (): number => {
    for (let at = Math.max(0, held.length - longest + 1); at < held.length; at++)
      if (stops.some((stop) => stop.startsWith(held.slice(at)))) return at;
    return held.length;
  };
  return {
    push(text) {
      if (stopped) return { text: '', stopped };
      held += text;
      const found = stops.map((stop) => held.indexOf(stop)).filter((at) => at >= 0);
      stopped = found.length > 0;
      // A longer stop string that began earlier may still be open; the text before the first complete one is settled in any case.
      const end = stopped ? Math.min(...found) : openEnd();
      const given = held.slice(0, end);
      held = stopped ? '' : held.slice(end);
      return { text: given, stopped };
    },
    flush() {
      const rest = held;
      held = '';
      return rest;
    },
  };
}
