/** One side of a comparison: does the work once and returns the milliseconds it took. */
export type Side = () => Promise<number>;

export interface PairOptions {
  /** Counted runs of each side. */
  readonly pairs: number;
  /** Runs of each side before the counted ones, thrown away. */
  readonly warmup: number;
  /** Pause before each run, milliseconds: idle threads of the other side's runtime spin for a while. Default 0. */
  readonly settleMs?: number;
}

export interface PairResult {
  /** Median of ours, milliseconds. */
  readonly oursMs: number;
  /** Median of the peer's, milliseconds; null without a peer. */
  readonly peerMs: number | null;
  /** Ours ÷ peer, of the medians: below 1 is faster. */
  readonly ratio: number | null;
}

/** The middle value, or the mean of the two in the middle; NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Runs `work` once and returns the milliseconds it took. */
export async function time(work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/**
 * Takes both sides' times alternately, so that a busy machine slows both alike; who goes first changes with every pair.
 * Without a peer only ours is timed.
 */
export async function pair(ours: Side, peer: Side | undefined, { pairs, warmup, settleMs = 0 }: PairOptions): Promise<PairResult> {
  const oursTimes: number[] = [];
  const peerTimes: number[] = [];
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
    oursTimes.push(own);
    if (other !== undefined) peerTimes.push(other);
  }
  const oursMs = median(oursTimes);
  const peerMs = peer ? median(peerTimes) : null;
  return { oursMs, peerMs, ratio: peerMs === null ? null : oursMs / peerMs };
}
