const blocks = '▁▂▃▄▅▆▇█';

/** One block character per value, from the lowest to the highest. */
export function sparkline(values: readonly number[]): string {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const level = (value: number) => (high > low ? Math.round(((value - low) / (high - low)) * (blocks.length - 1)) : 0);
  return values.map((value) => blocks[level(value)]).join('');
}

/** The course of a number over a whole run in at most `width` characters, in memory that does not grow with the run. */
export function lossCurve(width: number): { add(value: number): void; text(): string } {
  /** Means of `share` values each. */
  let means: number[] = [];
  let share = 1;
  let [total, count] = [0, 0];
  return {
    add(value) {
      total += value;
      if (++count < share) return;
      means.push(total / count);
      [total, count] = [0, 0];
      if (means.length <= width) return;
      // Neighbours join; the odd one out goes on to be filled.
      const last = means.pop()!;
      means = Array.from({ length: Math.floor(means.length / 2) }, (_, i) => (means[2 * i]! + means[2 * i + 1]!) / 2);
      [total, count] = [last * share, share];
      share *= 2;
    },
    text: () => sparkline(means),
  };
}
