import { hzToMel } from './scale.js';

/**
 * torchaudio computes its table in float32 throughout, so that the corners of the filters are off by what PyTorch's float32 functions are (its
 * vector loops on x86-64 with AVX2): up to 1e-5 of a weight. Here the same roundings are made.
 */

const { fround } = Math;

/** The corners of torchaudio's mel filters, in hertz. [mels + 2] */
export function torchaudioCorners(mels: number, minHz: number, maxHz: number, scale: 'slaney' | 'htk'): Float64Array {
  const steps = float32Steps(hzToMel(minHz, scale), hzToMel(maxHz, scale), mels + 2);
  if (scale === 'htk') {
    const vectors = inVectors(steps.length);
    return steps.map((mel, i) => {
      const exponent = fround(mel / 2595);
      return fround(700 * fround((i < vectors ? float32PowerOfTen(exponent) : fround(10 ** exponent)) - 1));
    });
  }
  return steps.map((mel) =>
    mel < 15 ? fround(fround(200 / 3) * mel) : fround(1000 * float32Exp(fround(fround(Math.log(6.4) / 27) * fround(mel - 15)))),
  );
}

/** `count` values from `first` to `last` in equal steps: from both ends to the middle, in blocks of eight that each begin with a rounded value. */
export function float32Steps(first: number, last: number, count: number): Float64Array {
  const low = fround(first);
  const high = fround(last);
  const step = fround(fround(high - low) / fround(count - 1));
  const value = (i: number) => fround(i < count >> 1 ? low + step * i : high - step * (count - 1 - i));
  const vectors = inVectors(count);
  return Float64Array.from({ length: count }, (_, i) => (i < vectors ? fround(value(i - (i % 8)) + fround(step * (i % 8))) : value(i)));
}

/** How many of `count` values go through vectors of eight, two at a time; the others are computed one by one. */
function inVectors(count: number): number {
  return count - (count % 16);
}

/** e^x of float32 as SLEEF approximates it to one unit in the last place. */
function float32Exp(x: number): number {
  const power = Math.round(x * Math.LOG2E);
  const rest = fround(fround(x - power * 0.693145751953125) - power * 1.428606765330187e-6);
  let sum = 0.00019852761761285365;
  for (const term of [0.0013930435525253415, 0.008333360776305199, 0.041666485369205475, 0.1666666716337204, 0.5]) {
    sum = fround(fround(sum) * rest + fround(term));
  }
  return fround(1 + fround(fround(rest * rest) * sum + rest)) * 2 ** power;
}

/** 10^x of float32 as SLEEF approximates it, in numbers of twice the precision where it matters. */
function float32PowerOfTen(x: number): number {
  const exponent = Math.LN10 * x;
  const power = Math.round(exponent * Math.LOG2E);
  const rest = exponent - power * Math.LN2;
  let sum = 0.0013632464688271284;
  for (const term of [0.00836596917361021, 0.04167108237743378, 0.16666552424430847, 0.49999985098838806]) {
    sum = fround(fround(sum) * fround(rest) + fround(term));
  }
  return fround(1 + (rest + rest * rest * sum)) * 2 ** power;
}
