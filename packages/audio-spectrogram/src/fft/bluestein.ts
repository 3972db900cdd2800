import type { ComplexFft } from './complex-fft.js';
import { writeRoot } from './roots.js';

/**
 * A transform of any length as a convolution with a chirp, which a transform of a power of two does (Bluestein 1970):
 * jk = (j² + k² - (k - j)²) / 2.
 */
export function bluestein(length: number, fftOf: (length: number) => ComplexFft): ComplexFft {
  const size = 2 ** Math.ceil(Math.log2(2 * length - 1));
  const fft = fftOf(size);
  const chirp = new Float64Array(2 * length);
  const filter = new Float64Array(2 * size);
  for (let j = 0; j < length; j++) {
    // j² stays below 2^53 for every length that a real transform allows.
    writeRoot(chirp, 2 * j, -((j * j) % (2 * length)), 2 * length);
    for (const at of [2 * j, 2 * ((size - j) % size)]) {
      filter[at] = chirp[2 * j]!;
      filter[at + 1] = -chirp[2 * j + 1]!;
    }
  }
  const spectrum = fft(filter).slice();
  const work = new Float64Array(2 * size);
  return (data) => {
    work.fill(0, 2 * length);
    for (let i = 0; i < 2 * length; i += 2) {
      const [re, im, cr, ci] = [data[i]!, data[i + 1]!, chirp[i]!, chirp[i + 1]!];
      work[i] = re * cr - im * ci;
      work[i + 1] = re * ci + im * cr;
    }
    const product = fft(work);
    // The conjugate, so that the same transform goes back.
    for (let i = 0; i < 2 * size; i += 2) {
      const [re, im, fr, fi] = [product[i]!, product[i + 1]!, spectrum[i]!, spectrum[i + 1]!];
      product[i] = re * fr - im * fi;
      product[i + 1] = -(re * fi + im * fr);
    }
    const back = fft(product === work ? work : copied(product, work));
    for (let i = 0; i < 2 * length; i += 2) {
      const [re, im, cr, ci] = [back[i]! / size, -back[i + 1]! / size, chirp[i]!, chirp[i + 1]!];
      data[i] = re * cr - im * ci;
      data[i + 1] = re * ci + im * cr;
    }
    return data;
  };
}

function copied(from: Float64Array, to: Float64Array): Float64Array {
  to.set(from);
  return to;
}
