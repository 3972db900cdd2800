/** One side of a comparison: does the work once and returns the milliseconds it took, or what else of it is compared. */
export type Side = () => Promise<number>;

export interface PairOptions {
  /** Counted runs of each side. */
  readonly pairs: number;
  /** Runs of each side before the counted ones, thrown away. */
  readonly warmup: number;
  /** Pause before each run, milliseconds: idle threads of the other side's runtime spin for a while. Default 0. */
  readonly settleMs?: number;
}

/** Ours against a peer. */
export interface Ratio {
  /** The median of ours ÷ peer over the pairs: below 1 is faster, or smaller. */
  readonly ratio: number | null;
  /** Where the true median of ours ÷ peer lies with a confidence of at least 95 %; null of fewer than six pairs. */
  readonly interval: Interval | null;
}

export type Interval = readonly [low: number, high: number];

export interface PairResult extends Ratio {
  /** Median of ours, milliseconds. */
  readonly oursMs: number;
  /** Median of the peer's, milliseconds; null without a peer. */
  readonly peerMs: number | null;
}

/** What the two sides returned, pair by pair; the peer's is empty without one. */
export interface Runs {
  readonly ours: readonly number[];
  readonly peer: readonly number[];
}

/** The middle value, or the mean of the two in the middle; NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/**
 * The interval between the k-th smallest and the k-th largest value, for the largest k at which it holds the median with a confidence of 95 %.
 * The chance that it does not is that of fewer than k heads, or tails, in as many throws of a coin as there are values: exact for any
 * distribution, where a bootstrap of a ratio of medians is right only for many pairs, and it takes from each pair what slowed both sides.
 * Null where not even the smallest and the largest are apart enough: with fewer than six values.
 */
export function medianInterval(values: readonly number[]): Interval | null {
  const sorted = [...values].sort((a, b) => a - b);
  const { length } = sorted;
  let chance = 0.5 ** length; // of exactly k heads
  let below = 0; // of fewer than k
  let k = 0;
  while (2 * (below + chance) <= 0.05) {
    below += chance;
    chance *= (length - k) / (k + 1);
    k++;
  }
  return k === 0 ? null : [sorted[k - 1]!, sorted[length - k]!];
}

/** The median ratio of the pairs and its interval; null without a peer. */
export function ratioOf({ ours, peer }: Runs): Ratio {
  if (peer.length === 0) return { ratio: null, interval: null };
  const ratios = ours.map((value, i) => value / peer[i]!);
  return { ratio: median(ratios), interval: medianInterval(ratios) };
}

/** Runs `work` once and returns the milliseconds it took. */
export async function time(work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** Runs both sides alternately, so that a busy machine slows both alike; who goes first changes with every pair. Without a peer only ours runs. */
export async function alternate(ours: Side, peer: Side | undefined, { pairs, warmup, settleMs = 0 }: PairOptions): Promise<Runs> {
  const runs = { ours: [] as number[], peer: [] as number[] };
  const settled = async (side: Side): Promise<number> => {
    if (settleMs > 0) await new Promise((resolve) => setTimeout(resolve, settleMs));
    return side();
  };
  for (let i = -warmup; i < pairs; i++) {
    const peerFirst = i % 2 !== 0;
    const before = peer && peerFirst ? await settled(peer) : undefined;
    const own = await settled(ours);
    const other = peer && !peerFirst ? await settled(peer) : before;
    if (i < 0) continue;
    runs.ours.push(own);
    if (other !== undefined) runs.peer.push(other);
  }
  return runs;
}

/** Both sides' times, taken as `alternate` says. */
export async function pair(ours: Side, peer: Side | undefined, options: PairOptions): Promise<PairResult> {
  const runs = await alternate(ours, peer, options);
  return { oursMs: median(runs.ours), peerMs: peer ? median(runs.peer) : null, ...ratioOf(runs) };
}
