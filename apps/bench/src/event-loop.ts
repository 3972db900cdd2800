import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';

const resolution = 1;

/** How late this thread's event loop was, milliseconds. */
export interface EventLoopDelay {
  readonly p99: number;
  readonly max: number;
  /** What 99 of 100 requests that come at random moments wait at most: long delays count as long as they last, and not once each. */
  readonly randomMoment: number;
}

/** The wait that a share `beyond` of random moments exceeds, where `intervals` are the times between two turns of the loop. */
export function waitBeyond(beyond: number, intervals: readonly number[]): number {
  const total = intervals.reduce((sum, interval) => sum + interval, 0);
  let [low, high] = [0, Math.max(...intervals)];
  // In an interval of length L a wait is longer than w for the first L - w of it.
  for (let i = 0; i < 50; i++) {
    const wait = (low + high) / 2;
    const longer = intervals.reduce((sum, interval) => sum + Math.max(0, interval - wait), 0);
    if (longer / total > beyond) low = wait;
    else high = wait;
  }
  return high;
}

/** The intervals that a histogram counted, as 20,000 equally many of them; nanoseconds to milliseconds. */
function intervalsOf(histogram: IntervalHistogram): number[] {
  const count = 20_000;
  return Array.from({ length: count }, (_, i) => histogram.percentile((100 * (i + 0.5)) / count) / 1e6);
}

/**
 * Watches this thread's event loop from now on. Node's histogram holds the times between two firings of a timer that is due every millisecond:
 * the delay is what goes beyond that millisecond. Timers are due in whole milliseconds, so an idle loop shows delays of up to about one.
 */
export function watchEventLoop(): () => EventLoopDelay {
  const histogram = monitorEventLoopDelay({ resolution });
  histogram.enable();
  return () => {
    histogram.disable();
    const delay = (nanoseconds: number) => Math.max(0, nanoseconds / 1e6 - resolution);
    return {
      p99: delay(histogram.percentile(99)),
      max: delay(histogram.max),
      randomMoment: Math.max(0, waitBeyond(0.01, intervalsOf(histogram)) - resolution),
    };
  };
}
