import cliProgress from 'cli-progress';
import { seconds } from './text.js';

export interface Stage {
  update(done: number, total: number): void;
  /** Ends the stage; returns how long it took, in milliseconds. */
  end(): number;
}

/** Shows a stage on stderr: a bar on a terminal and then how long it took, else one plain line when it begins. */
export function startStage(label: string): Stage {
  const start = performance.now();
  const stream = process.stderr;
  let bar: cliProgress.SingleBar | undefined;
  if (!stream.isTTY) stream.write(`${label} …\n`);
  return {
    update(done, total) {
      if (!stream.isTTY) return;
      if (bar === undefined) {
        const format = `${label} {bar} {value}/{total}, {eta_formatted} left`;
        bar = new cliProgress.SingleBar(
          { format, stream, hideCursor: true, clearOnComplete: true, etaBuffer: 100 },
          cliProgress.Presets.shades_classic,
        );
        bar.start(total, done);
      } else bar.update(done);
    },
    end() {
      // Also after an error or Ctrl-C: the bar hid the cursor.
      bar?.stop();
      const took = performance.now() - start;
      if (stream.isTTY) stream.write(`${label}: ${seconds(took)}\n`);
      return took;
    },
  };
}
