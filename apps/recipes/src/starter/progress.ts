import type { Progress } from '@polymodal/modality-registry';
import type { TrainEvent } from '@polymodal/nn';
import { SingleBar } from 'cli-progress';

const isTerminal = () => process.stderr.isTTY === true;

/** Shows the progress of one stage at a time: a bar in a terminal, one line per stage elsewhere. */
export function stageReporter(): (progress: Progress) => void {
  let stage: string | undefined;
  let bar: SingleBar | undefined;
  return ({ done, total = done, stage: name = 'working' }) => {
    if (name !== stage) {
      stage = name;
      if (isTerminal()) {
        bar = new SingleBar({ format: `${name} {bar} {value}/{total} {eta_formatted}`, stream: process.stderr });
        bar.start(total, 0);
      } else process.stderr.write(`${name} …\n`);
    }
    bar?.update(done);
    if (done === total) {
      bar?.stop();
      bar = undefined;
    }
  };
}

/** `1h 02m`, `12m 05s` */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const two = (n: number) => String(n).padStart(2, '0');
  return whole >= 3600
    ? `${Math.floor(whole / 3600)}h ${two(Math.floor((whole % 3600) / 60))}m`
    : `${Math.floor(whole / 60)}m ${two(whole % 60)}s`;
}

export interface TrainingReporterOptions {
  readonly steps: number;
  readonly picturesPerStep: number;
}

/** Shows step, loss, pictures per second, time left and the latest validation recall: a bar in a terminal, a line now and then elsewhere. */
export function trainingReporter({
  steps,
  picturesPerStep,
}: TrainingReporterOptions): (event: TrainEvent & { readonly validation?: number }) => void {
  let first: { readonly step: number; readonly time: number } | undefined;
  let loss: number | undefined;
  let validation: number | undefined;
  let bar: SingleBar | undefined;
  return (event) => {
    first ??= { step: event.step, time: performance.now() };
    loss = loss === undefined ? event.loss : loss + (event.loss - loss) * 0.02;
    validation = event.validation ?? validation;
    const seconds = (performance.now() - first.time) / 1000;
    const perStep = event.step > first.step ? seconds / (event.step - first.step) : Number.NaN;
    const speed = Number.isNaN(perStep) ? '–' : String(Math.round(picturesPerStep / perStep));
    const left = Number.isNaN(perStep) ? '–' : formatDuration(perStep * (steps - event.step));
    const recall = validation === undefined ? '–' : validation.toFixed(3);
    if (isTerminal()) {
      if (bar === undefined) {
        bar = new SingleBar({
          // Fits in 80 columns.
          format: '{bar} {value}/{total} · loss {loss} · {speed} images/s · {left} left · R@1 {recall}',
          barsize: 10,
          stream: process.stderr,
          fps: 2,
        });
        process.stderr.write('training; R@1 is of held-out validation pictures\n');
        bar.start(steps, event.step, { loss: '–', speed, left, recall });
      }
      bar.update(event.step, { loss: loss.toFixed(3), speed, left, recall });
      if (event.step === steps) bar.stop();
    } else if (event.step % 100 === 0 || event.validation !== undefined) {
      process.stderr.write(
        `step ${event.step}/${steps} · loss ${loss.toFixed(3)} · ${speed} images/s · ${left} left · validation R@1 ${recall}\n`,
      );
    }
  };
}
