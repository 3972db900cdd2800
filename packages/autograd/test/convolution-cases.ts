import type { Expr } from '../src/expr.js';
import { gradients } from '../src/gradients.js';
import * as ops from '../src/ops/index.js';

/** Convolutions for the table of operators.test.ts: every option, in one and two dimensions. */
export function convolutionCases(): { name: string; shapes: number[][]; build: (...inputs: Expr[]) => Expr }[] {
  const forward = (name: string, shapes: number[][], options: ops.ConvolutionOptions = {}) => ({
    name: `convolution (${name})`,
    shapes,
    build: (x: Expr, weight: Expr, bias?: Expr) => ops.convolution(x, weight, { ...options, bias }),
  });
  const transposed = (name: string, shapes: number[][], options: ops.ConvolutionTransposeOptions = {}) => ({
    name: `convolutionTranspose (${name})`,
    shapes,
    build: (x: Expr, weight: Expr, bias?: Expr) => ops.convolutionTranspose(x, weight, { ...options, bias }),
  });
  return [
    forward('3×3, bias', [[2, 3, 5, 4], [4, 3, 3, 3], [4]], { padding: 1 }),
    forward('1×1', [[2, 3, 4, 4], [5, 3, 1, 1], [5]]),
    forward('4×4, stride 2', [[2, 2, 6, 8], [3, 2, 4, 4], [3]], { stride: 2, padding: 1 }),
    forward('patches: kernel as large as the stride', [[2, 3, 4, 6], [5, 3, 2, 2], [5]], { stride: 2 }),
    // The last row and column of the input lie in no window.
    forward(
      'stride that leaves a rest',
      [
        [1, 2, 6, 7],
        [2, 2, 2, 3],
      ],
      { stride: [3, 2], padding: [0, 1] },
    ),
    forward(
      'padding per side',
      [
        [1, 2, 4, 5],
        [2, 2, 3, 2],
      ],
      {
        padding: [
          [2, 0],
          [0, 1],
        ],
      },
    ),
    forward(
      'dilation',
      [
        [1, 2, 7, 6],
        [2, 2, 3, 2],
      ],
      { dilation: [2, 3], stride: [1, 2], padding: 1 },
    ),
    forward('groups', [[2, 4, 4, 4], [6, 2, 3, 3], [6]], { groups: 2, padding: 1 }),
    forward('depthwise', [[2, 3, 5, 5], [3, 1, 3, 3], [3]], { groups: 3, padding: 1, stride: 2 }),
    forward(
      'depthwise, two outputs per channel',
      [
        [1, 2, 4, 4],
        [4, 1, 3, 3],
      ],
      { groups: 2 },
    ),
    forward(
      'depthwise, stride that leaves a rest, dilation',
      [
        [2, 2, 8, 9],
        [4, 1, 2, 3],
      ],
      { groups: 2, stride: [3, 2], dilation: [2, 1], padding: [1, 0] },
    ),
    forward(
      'one channel',
      [
        [2, 1, 5, 5],
        [3, 1, 2, 2],
      ],
      { stride: 2 },
    ),
    forward('1-D', [[2, 3, 8], [4, 3, 3], [4]], { padding: 1 }),
    forward(
      '1-D, stride, dilation',
      [
        [2, 2, 9],
        [3, 2, 3],
      ],
      { stride: 2, dilation: 2, padding: [[1, 2]] },
    ),
    forward('1-D, depthwise', [[2, 4, 8], [4, 1, 5], [4]], { groups: 4, padding: 2 }),
    forward(
      '1-D, causal',
      [
        [1, 2, 5],
        [2, 2, 3],
      ],
      { padding: [[2, 0]] },
    ),
    forward('3-D', [[2, 2, 3, 4, 3], [3, 2, 2, 3, 2], [3]], { padding: 1, stride: [1, 2, 1] }),
    forward(
      '3-D, dilation, groups',
      [
        [1, 4, 3, 4, 4],
        [2, 2, 2, 2, 1],
      ],
      { dilation: [2, 1, 2], groups: 2 },
    ),
    forward(
      '3-D, depthwise',
      [
        [1, 2, 3, 3, 4],
        [2, 1, 2, 2, 2],
      ],
      { groups: 2, stride: [1, 1, 2] },
    ),
    forward('tubelets: kernel as large as the stride', [[1, 2, 2, 4, 4], [3, 2, 2, 2, 2], [3]], { stride: 2 }),
    transposed('3-D', [[1, 2, 2, 3, 2], [2, 2, 2, 4, 3], [2]], { stride: [1, 2, 2], padding: [0, 1, 1], outputPadding: [0, 0, 1] }),
    transposed('3-D tubelets', [[1, 3, 1, 2, 2], [3, 2, 2, 2, 2], [2]], { stride: 2 }),
    transposed('4×4, stride 2', [[2, 3, 3, 4], [3, 2, 4, 4], [2]], { stride: 2, padding: 1 }),
    transposed('3×3, output padding', [[1, 2, 3, 3], [2, 3, 3, 3], [3]], { stride: 2, padding: 1, outputPadding: 1 }),
    transposed(
      'padding per side, dilation',
      [
        [1, 2, 3, 4],
        [2, 2, 2, 3],
      ],
      {
        stride: [2, 1],
        dilation: 2,
        padding: [
          [1, 0],
          [0, 2],
        ],
      },
    ),
    transposed('groups', [[2, 4, 3, 3], [4, 2, 2, 2], [4]], { groups: 2, stride: 2 }),
    transposed('1-D', [[2, 3, 4], [3, 2, 4], [2]], { stride: 2, padding: 1 }),
    transposed(
      '1-D, output padding',
      [
        [1, 2, 4],
        [2, 1, 3],
      ],
      { stride: 3, outputPadding: 2 },
    ),
    {
      // The gradient of a gradient: the three operators differentiate into each other.
      name: 'convolution (second derivative)',
      shapes: [
        [1, 2, 5, 4],
        [3, 2, 3, 3],
      ],
      build: (x, weight) => {
        const y = ops.convolution(x!, weight!, { stride: 2, padding: 1 });
        const [dx, dw] = gradients(ops.mean(ops.mul(y, y)), [x!, weight!]);
        return ops.concat([ops.reshape(dx!, [-1]), ops.reshape(dw!, [-1])], 0);
      },
    },
  ];
}
