import { type Gate, openGate } from '../gate.js';
import { GenerationError } from './errors.js';

/** Browsers' runtimes do one thing after the other, and none does anything after it was released. `gone` is what was disposed of. */
export const openModelGate = (gone = 'the model', fix = 'Compile it again.'): Gate =>
  openGate(() => new GenerationError({ code: 'GENERATION_STATE', message: `${gone} was disposed of.`, fix }));
