/** A mark on an axis: its value, and where it stands, from 0 at the beginning to 1 at the end. */
export interface Tick {
  readonly value: number;
  readonly at: number;
}

/** About `count` round numbers (1, 2 or 5 times a power of ten) from 0 to `end`. */
export function roundTicks(end: number, count: number): readonly Tick[] {
  const rough = end / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough * 0.999)!;
  // The quotient, so that 3 × 0.1 is 0.3; to 12 digits, which is rounding of the division and nothing else.
  return Array.from({ length: Math.floor(end / step + 1e-9) + 1 }, (_, i) => ({
    value: Number((i * step).toPrecision(12)),
    at: (i * step) / end,
  }));
}

/**
 * Marks of round frequencies along bins whose middles are `hertz`, rising, none closer than `gap` to another: powers of ten first, then 5, 2 and
 * the other digits, where there is room.
 */
export function frequencyTicks(hertz: ArrayLike<number>, gap: number): readonly Tick[] {
  const ticks: Tick[] = [];
  for (const value of roundFrequencies(hertz[0]!, hertz[hertz.length - 1]!)) {
    const at = placeOf(value, hertz);
    if (ticks.every((tick) => Math.abs(tick.at - at) >= gap)) ticks.push({ value, at });
  }
  return ticks.sort((one, other) => one.at - other.at);
}

/** Where a frequency stands: a bin's middle is half a bin above its edge. */
function placeOf(value: number, hertz: ArrayLike<number>): number {
  const bins = hertz.length;
  let bin = 0;
  while (bin < bins - 2 && hertz[bin + 1]! < value) bin++;
  const place = bins > 1 ? bin + (value - hertz[bin]!) / (hertz[bin + 1]! - hertz[bin]!) : 0;
  return (place + 0.5) / bins;
}

function roundFrequencies(low: number, high: number): readonly number[] {
  const powers = Array.from({ length: 7 }, (_, exponent) => 10 ** exponent);
  const round = [1, 5, 2, 3, 7, 4, 6, 8, 9].flatMap((digit) => powers.map((power) => digit * power));
  const within = round.filter((value) => value >= low && value <= high);
  if (low <= 0) within.unshift(0);
  return within.length > 0 ? within : [low];
}
