import cliProgress from 'cli-progress';
import type { TrainListener } from '../train.js';
import { lossCurve } from './loss-curve.js';

export interface TerminalViewOptions {
  /** Default: stderr. Nothing is written where it is no terminal. */
  readonly stream?: NodeJS.WriteStream;
}

const curveWidth = 24;

/** Shows a run in a terminal: a bar, the loss, its curve since the start, the last evaluation, and the time left. */
export function terminalView({ stream = process.stderr }: TerminalViewOptions = {}): TrainListener {
  const curve = lossCurve(curveWidth);
  let bar: cliProgress.SingleBar | undefined;
  let smooth: number | undefined;
  let evaluated = '';
  return {
    event({ step, steps, loss, evaluation }) {
      if (stream.isTTY !== true) return;
      curve.add(loss);
      // Single batches are noisy: the mean of about the last twenty.
      smooth = smooth === undefined ? loss : smooth + (loss - smooth) * 0.05;
      if (evaluation?.loss !== undefined) evaluated = ` (held out ${evaluation.loss.toPrecision(4)})`;
      const shown = { loss: smooth.toPrecision(4), curve: curve.text(), evaluated };
      if (bar === undefined) {
        bar = new cliProgress.SingleBar(
          { format: '{bar} {value}/{total} loss {loss}{evaluated} {curve} {eta_formatted} left', stream, barsize: 16, etaBuffer: 100 },
          cliProgress.Presets.shades_classic,
        );
        bar.start(steps, step, shown);
      } else bar.update(step, shown);
    },
    end() {
      bar?.stop();
      bar = undefined;
    },
  };
}
