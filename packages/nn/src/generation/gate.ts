import { type Gate, openGate } from '../gate.js';
import { GenerationError } from './errors.js';

/** Browsers' runtimes do one thing after the other, and none does anything after it was released. */
export const openModelGate = (): Gate =>
  openGate(() => new GenerationError({ code: 'GENERATION_STATE', message: 'the model was disposed of.', fix: 'Compile it again.' }));
