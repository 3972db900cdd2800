import { describe, expect, test } from '@jest/globals';
import type { TensorLike, Tokens } from '@polymodal/modality-registry';
import fc from 'fast-check';
import { goldenFloats, goldens, sha256 } from '../test/goldens.js';
import { type PatchOptions, patchify, unpatchify } from './patchify.js';

function ramp(...dims: number[]): TensorLike<'float32'> {
  const length = dims.reduce((product, dim) => product * dim, 1);
  return { type: 'float32', dims, data: Float32Array.from({ length }, (_, i) => i) };
}

describe('against PyTorch', () => {
  test.each(goldens.patchify)('patches of $patchSize in both orders', ({ patchSize, dims, pixels, chwSha256, hwcSha256 }) => {
    const tensor = { type: 'float32' as const, dims, data: goldenFloats(pixels) };
    const chw = patchify(tensor, { patchSize });
    expect(sha256(chw.values.data)).toBe(chwSha256);
    expect(chw.grid).toEqual([1, dims[2]! / patchSize, dims[3]! / patchSize]);
    expect(sha256(patchify(tensor, { patchSize, order: 'hwc' }).values.data)).toBe(hwcSha256);
  });

  test.each(goldens.patchify)('patches of $patchSize times the weights are the patch convolution', (row) => {
    const { values } = patchify({ type: 'float32', dims: row.dims, data: goldenFloats(row.pixels) }, { patchSize: row.patchSize });
    const weight = goldenFloats(row.weight); // [6, channels × patch × patch]
    const bias = goldenFloats(row.bias); // [6]
    const expected = goldenFloats(row.embedded); // [batch, length, 6]
    const width = values.dims[2]!;
    expected.forEach((value, i) => {
      const patch = Math.floor(i / 6);
      let sum = bias[i % 6]!;
      for (let k = 0; k < width; k++) sum += values.data[patch * width + k]! * weight[(i % 6) * width + k]!;
      expect(Math.abs(sum - value)).toBeLessThan(1e-5);
    });
  });
});

test('values lie channel by channel, or pixel by pixel', () => {
  const pixels = ramp(2, 2, 4);
  expect(Array.from(patchify(pixels, { patchSize: 2 }).values.data)).toEqual([0, 1, 4, 5, 8, 9, 12, 13, 2, 3, 6, 7, 10, 11, 14, 15]);
  expect(Array.from(patchify(pixels, { patchSize: 2, order: 'hwc' }).values.data)).toEqual([
    0, 8, 1, 9, 4, 12, 5, 13, 2, 10, 3, 11, 6, 14, 7, 15,
  ]);
  expect(patchify(pixels, { patchSize: { height: 1, width: 4 } }).grid).toEqual([1, 2, 1]);
});

test('unpatchify undoes patchify', () => {
  const small = fc.integer({ min: 1, max: 4 });
  fc.assert(
    fc.property(
      small,
      small,
      small,
      small,
      small,
      small,
      fc.constantFrom('chw' as const, 'hwc' as const),
      (n, c, rows, columns, height, width, order) => {
        const pixels = ramp(n, c, rows * height, columns * width);
        const options: PatchOptions = { patchSize: { height, width }, order };
        expect(unpatchify(patchify(pixels, options), options)).toEqual(pixels);
      },
    ),
    { seed: 4, numRuns: 200 },
  );
});

describe('bad input', () => {
  const good = patchify(ramp(3, 4, 4), { patchSize: 2 });
  test.each<[string, () => unknown, string]>([
    ['sides that are no multiples', () => patchify(ramp(3, 4, 5), { patchSize: 2 }), 'IMAGE_PATCH_SIZE'],
    ['a patch of 0', () => patchify(ramp(3, 4, 4), { patchSize: 0 }), 'IMAGE_PATCH_SIZE'],
    ['an unknown order', () => patchify(ramp(3, 4, 4), { patchSize: 2, order: 'hcw' as 'hwc' }), 'IMAGE_PATCH_SIZE'],
    ['two dimensions', () => patchify(ramp(4, 4), { patchSize: 2 }), 'IMAGE_TENSOR'],
    ['data that do not fit', () => patchify({ ...ramp(3, 4, 4), dims: [3, 4, 8] }, { patchSize: 2 }), 'IMAGE_TENSOR'],
    ['ids', () => unpatchify({ ids: { type: 'int32', dims: [1, 1], data: new Int32Array(1) } }, { patchSize: 2 }), 'IMAGE_TENSOR'],
    ['no grid', () => unpatchify({ values: good.values }, { patchSize: 2 }), 'IMAGE_TENSOR'],
    ['a grid that does not fit', () => unpatchify({ ...good, grid: [1, 2, 3] } as Tokens, { patchSize: 2 }), 'IMAGE_TENSOR'],
    ['another patch size', () => unpatchify(good, { patchSize: 5 }), 'IMAGE_PATCH_SIZE'],
  ])('%s is refused', (_, call, code) => {
    expect(call).toThrow(expect.objectContaining({ code }));
  });
});
