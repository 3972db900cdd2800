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
 * Marks of round frequencies along bins whose middles are `hertz`, rising: where bins are as far apart as on the mel scale, 1-2-5 numbers,
 * of which those that would stand closer than `gap` to the one below are left out.
 */
export function frequencyTicks(hertz: ArrayLike<number>, gap: number): readonly Tick[] {
  const bins = hertz.length;
  const [low, high] = [hertz[0]!, hertz[bins - 1]!];
  const ticks: Tick[] = [];
  for (const value of roundFrequencies(low, high)) {
    let bin = 0;
    while (bin < bins - 2 && hertz[bin + 1]! < value) bin++;
    const span = bins > 1 ? hertz[bin + 1]! - hertz[bin]! : 0;
    const place = span > 0 ? bin + (value - hertz[bin]!) / span : 0;
    const at = (place + 0.5) / bins; // a bin's middle is half a bin above its edge
    if (ticks.length === 0 || at - ticks.at(-1)!.at >= gap) ticks.push({ value, at });
  }
  return ticks;
}

function roundFrequencies(low: number, high: number): readonly number[] {
  const round: number[] = low <= 0 ? [0] : [];
  for (let power = 1; power <= 1e6; power *= 10) {
    for (const factor of [1, 2, 3, 4, 5, 6, 7, 8, 9]) if (factor * power >= low && factor * power <= high) round.push(factor * power);
  }
  return round.length > 0 ? round : [low];
}
