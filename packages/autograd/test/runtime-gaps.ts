/**
 * What the runtimes do not compute, or compute elsewhere, of the rows of operator-cases.ts; measured by operators.browser.ts, which fails where
 * it is no longer so. onnxruntime-node (1.30, and 1.14), on the CPU, computes them all: operators.test.ts.
 */
export interface RuntimeGaps {
  /** Rows that fail or give wrong numbers; with `: gradient` where the operator itself works. */
  readonly fails: readonly string[];
  /** ONNX operators without a kernel on the device, and the rows that therefore go to the CPU and back. */
  readonly onCpu: Readonly<Record<string, readonly string[]>>;
}

/** onnxruntime-web 1.30 on WebAssembly. */
export const wasmGaps: RuntimeGaps = { fails: [], onCpu: {} };

/** onnxruntime-web 1.30 on WebGPU. Where a row runs on the CPU as a whole, the runtime does not say of which operators: those are under `all`. */
export const webGpuGaps: RuntimeGaps = {
  fails: [
    'convolution (depthwise, two outputs per channel): gradient',
    'convolution (depthwise, stride that leaves a rest, dilation): gradient',
    'convolution (3-D, dilation, groups)',
    'convolution (3-D, depthwise)',
    'maxPool: gradient',
    'maxPool (overlapping, padded): gradient',
    'maxPool (a rest): gradient',
    'maxPool (1-D): gradient',
    'maxPool (3-D): gradient',
    'maxPool (a window for the rest): gradient',
  ],
  onCpu: {
    Add: [
      'maximum (int64)',
      'minimum (int64)',
      'maximum with a number (int64)',
      'sign (int64)',
      'div rounds towards zero (int64)',
      'max (int64)',
      'argmax (int64)',
      'argmin (int64)',
      'cumulativeSum (int64)',
      'addAlong (int64)',
      'scatterAdd (int64)',
      'where (int64)',
      'randomUniform',
      'randomNormal',
      'randomGumbel',
    ],
    BitShift: ['randomUniform', 'randomNormal', 'randomGumbel'],
    Cast: ['randomUniform', 'randomNormal', 'randomGumbel'],
    CumSum: ['cumulativeSum (int64)'],
    Div: ['div rounds towards zero (int64)'],
    Less: [
      'maximum (int64)',
      'minimum (int64)',
      'maximum with a number (int64)',
      'sign (int64)',
      'sign of small ones (int64)',
      'where (int64)',
    ],
    LogSoftmax: [
      'logSoftmax',
      'crossEntropy (ids)',
      'crossEntropy (distributions)',
      'crossEntropy (ignored)',
      'crossEntropy (all ignored)',
      'crossEntropy (smoothed)',
    ],
    Mul: [
      'maximum (int64)',
      'minimum (int64)',
      'maximum with a number (int64)',
      'sign (int64)',
      'div rounds towards zero (int64)',
      'max (int64)',
      'argmax (int64)',
      'argmin (int64)',
      'cumulativeSum (int64)',
      'where (int64)',
      'randomUniform',
      'randomNormal',
      'randomGumbel',
    ],
    Or: ['or, and, not, less'],
    ReduceMax: ['max (int64)'],
    Reshape: [
      'maxPool',
      'maxPool (overlapping, padded)',
      'maxPool (a rest)',
      'maxPool (1-D)',
      'maxPool (3-D)',
      'maxPool (a window for the rest)',
    ],
    ScatterElements: ['addAlong (int64)'],
    ScatterND: ['scatterAdd (int64)'],
    Sign: ['abs', 'smoothL1'],
    Squeeze: ['argmax (int64)', 'argmin (int64)'],
    Sub: [
      'maximum (int64)',
      'minimum (int64)',
      'maximum with a number (int64)',
      'sign (int64)',
      'sign of small ones (int64)',
      'max (int64)',
    ],
    TopK: ['argmax (int64)', 'argmin (int64)'],
    Where: ['maximum (int64)', 'minimum (int64)', 'maximum with a number (int64)', 'where (int64)'],
    all: ['sign', 'round'],
  },
};
