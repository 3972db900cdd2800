export { AudioError } from './errors.js';
export type { Signal, SignalOptions } from './signal.js';
