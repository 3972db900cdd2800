import { frameEngine } from '../engine/engine.js';
import { writeRoot } from '../fft/roots.js';
import { kaldiFilters } from './filters.js';
import { EPSILON, kaldiFramer, type Stretch } from './frames.js';
import { type KaldiSettings, wrong } from './options.js';

/** Features of frames, a row each. */
export interface KaldiRows {
  readonly settings: KaldiSettings;
  /** Features of a frame. */
  readonly width: number;
  /** Writes the rows of frames `first` … `first + frames − 1` to out[at …]. [frames, width] */
  write(stretch: Stretch, first: number, frames: number, out: Float32Array, at: number): void;
}

/** Frames are transformed this many at a time: few, so that they stay in the processor's cache. */
const BLOCK = 16;

/** Rows of mel energies, and energy where `useEnergy` asks for it. */
export function fbankRows(settings: KaldiSettings): KaldiRows {
  const { numMelBins: bins, useEnergy, htkCompat } = settings;
  const width = bins + (useEnergy ? 1 : 0);
  const first = useEnergy && !htkCompat ? 1 : 0;
  const each = melBlocks(settings);
  return {
    settings,
    width,
    write(stretch, from, frames, out, at) {
      each(stretch, from, frames, (frame, mels, column, energy) => {
        const row = at + (frame - from) * width;
        for (let b = 0; b < bins; b++) out[row + first + b] = mels[b * BLOCK + column]!;
        if (useEnergy) out[row + (htkCompat ? bins : 0)] = energy;
      });
    },
  };
}

/** Rows of cepstra: an orthonormal discrete cosine transform of log mel energies, liftered. */
export function mfccRows(settings: KaldiSettings): KaldiRows {
  const { numMelBins: bins, numCeps: width, cepstralLifter: lifter, useEnergy, htkCompat } = settings;
  if (!(Number.isSafeInteger(width) && width > 0 && width <= bins)) {
    throw wrong('AUDIO_MEL', `numCeps: ${width}`, `a whole number of 1 to numMelBins, ${bins},`);
  }
  const table = cosines(width, bins, lifter); // [width, bins]
  const each = melBlocks({ ...settings, usePower: true, useLogFbank: true });
  // HTK puts the first cepstrum last, and scales it as its own definition of the transform does.
  const places = Array.from({ length: width }, (_, c) => (htkCompat ? (c + width - 1) % width : c));
  const firstScale = htkCompat ? Math.SQRT2 : 1;
  return {
    settings,
    width,
    write(stretch, from, frames, out, at) {
      each(stretch, from, frames, (frame, mels, column, energy) => {
        const row = at + (frame - from) * width;
        for (let c = 0; c < width; c++) {
          let sum = 0;
          for (let b = 0; b < bins; b++) sum += mels[b * BLOCK + column]! * table[c * bins + b]!;
          out[row + places[c]!] = c > 0 ? sum : useEnergy ? energy : sum * firstScale;
        }
      });
    },
  };
}

type EachFrame = (frame: number, mels: Float32Array, column: number, energy: number) => void;

/** Mel energies of frames, block by block: feature b of a frame is mels[b · BLOCK + column]. */
function melBlocks(settings: KaldiSettings): (stretch: Stretch, first: number, frames: number, each: EachFrame) => void {
  const { padded, numMelBins, usePower, useLogFbank } = settings;
  const engine = frameEngine({
    fftLength: padded,
    hop: padded,
    window: new Float64Array(padded).fill(1),
    power: usePower ? 2 : 1,
    filters: kaldiFilters(settings),
    log: useLogFbank ? { base: 'e', floor: EPSILON, how: 'max' } : undefined,
  });
  const framer = kaldiFramer(settings);
  const prepared = new Float64Array(BLOCK * padded); // [BLOCK, padded]
  const energies = new Float64Array(BLOCK);
  const mels = new Float32Array(numMelBins * BLOCK); // [mels, BLOCK]
  return (stretch, first, frames, each) => {
    for (let done = 0; done < frames; done += BLOCK) {
      const count = Math.min(BLOCK, frames - done);
      for (let i = 0; i < count; i++) energies[i] = framer(stretch, first + done + i, prepared, i * padded);
      engine.run(prepared, 0, count, mels, 0, BLOCK);
      for (let i = 0; i < count; i++) each(first + done + i, mels, i, energies[i]!);
    }
  };
}

/** The transform's table with its lifter, rounded to float32 where torchaudio rounds: its arguments reach 250, so that this shows in the third decimal. */
function cosines(width: number, bins: number, lifter: number): Float64Array {
  const { abs, cos, fround, PI, sqrt } = Math;
  const table = new Float64Array(width * bins); // [width, bins]
  const root = new Float64Array(2);
  for (let c = 0; c < width; c++) {
    // 1 + L / 2 · sin(πc / L), in which a sign of L cancels; Math.sin differs between engines in the last bit, which float64 would show.
    if (lifter !== 0) writeRoot(root, 0, c, 2 * abs(lifter));
    const lift = 1 + 0.5 * abs(lifter) * root[1]!;
    const scale = sqrt((c === 0 ? 1 : 2) / bins);
    for (let b = 0; b < bins; b++) {
      const angle = fround(fround(fround(PI / bins) * (b + 0.5)) * c);
      table[c * bins + b] = lift * fround(fround(cos(angle)) * fround(scale));
    }
  }
  return table;
}
