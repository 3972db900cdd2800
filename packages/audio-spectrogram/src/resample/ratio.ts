// Names of their own, since a test runner may make globals slow.
const { floor, ceil, abs } = Math;

/** Every `step` samples become `phases` samples: the rates without their common divisor. */
export interface Ratio {
  readonly step: number;
  readonly phases: number;
}

/** Products of a phase and a step stay exact in float64, with a bit to spare. */
const LIMIT = 2 ** 52;

/** A fraction this near is one: rates are known to far fewer digits, and in an hour of sound it drifts by millionths of a sample. */
const NEAR = 2 ** -46;

/**
 * The ratio of two rates as whole numbers: exact for whole rates and for decimal ones such as 44100.5; else the last convergent of its
 * continued fraction whose numbers float64 multiplies exactly, which is within 1.5e-8 of it.
 */
export function ratioOf(from: number, to: number): Ratio {
  if (Number.isInteger(from) && Number.isInteger(to)) {
    const divisor = greatestCommonDivisor(from, to);
    const [step, phases] = [from / divisor, to / divisor];
    if (step * phases <= LIMIT) return { step, phases };
  }
  const ratio = from / to;
  let [before, last] = [
    { step: 0, phases: 1 },
    { step: 1, phases: 0 },
  ];
  for (let rest = ratio; ; ) {
    const whole = floor(rest);
    const next = { step: whole * last.step + before.step, phases: whole * last.phases + before.phases };
    // Nothing below 1 comes before its first convergent that is not 0.
    if (next.step * next.phases > LIMIT && last.step * last.phases > 0) return last;
    [before, last] = [last, next];
    if (abs(next.step / next.phases - ratio) <= NEAR * ratio || rest === whole) return next;
    rest = 1 / (rest - whole);
  }
}

/** How many samples `length` samples become: every one whose time is before their end. */
export function resampledLength({ step, phases }: Ratio, length: number): number {
  const rest = length % step;
  return ((length - rest) / step) * phases + ceil((rest * phases) / step);
}

/** The sample at or before the time of an output. */
export function sampleAt({ step, phases }: Ratio, output: number): number {
  const phase = output % phases;
  return ((output - phase) / phases) * step + floor((phase * step) / phases);
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
