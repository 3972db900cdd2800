import type { SignalOptions } from './signal.js';

/** The same options, with a listener that hears each code once: of many sounds, one warning says enough. */
export function warnsOnce<T extends SignalOptions>(options: T): T {
  const { onWarning } = options;
  // Without a listener, the console hears each code once anyway.
  if (typeof onWarning !== 'function') return options;
  const told = new Set<string>();
  const once: typeof onWarning = (warning) => {
    if (!told.has(warning.code)) onWarning(warning);
    told.add(warning.code);
  };
  return { ...options, onWarning: once };
}
