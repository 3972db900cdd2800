export { ConformanceError } from './assert.js';
export type { CheckName, ConformanceCase } from './case.js';
export { conformance } from './conformance.js';
export type { ConformanceOptions, RoundTrip, Samples } from './options.js';
