import { createRequire } from 'node:module';
import { describe, expect, test } from '@jest/globals';
import { createRandom } from '@polymodal/autograd';
import { type TensorLike, toTensor } from '@polymodal/modality-registry';
import fc from 'fast-check';
import { type OnnxNode, serializeModel } from '../../autograd/src/onnx/model.js';
import type { OrtModule } from '../../autograd/src/onnx/runtime.js';
import { dequantizeWeights } from '../test/dequantize.js';
import { type QuantizedWeights, type QuantizeOptions, quantizeWeights } from './quantize.js';

/** By hand, so that it stands beside the code under test: the channel of element `i`. */
function channelOf(i: number, dims: readonly number[], axis: number | undefined): number {
  if (axis === undefined) return 0;
  let rest = i;
  for (let d = dims.length - 1; d > axis; d--) rest = Math.floor(rest / dims[d]!);
  return rest % dims[axis]!;
}

const normal = (count: number, seed: number) => {
  const random = createRandom(seed);
  return Float32Array.from({ length: count }, () => random.normal());
};

const anyWeights = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 }).chain((dims) => {
  const count = dims.reduce((a, b) => a * b, 1);
  const ordinary = fc.float({ min: -4, max: 4, noNaN: true });
  const extreme = fc.float({ noNaN: true, noDefaultInfinity: true });
  const positive = fc.float({ min: Math.fround(0.9), max: 1, noNaN: true });
  return fc.record({
    dims: fc.constant(dims),
    data: fc.oneof(...[ordinary, extreme, positive].map((value) => fc.array(value, { minLength: count, maxLength: count }))),
    axis: fc.option(fc.nat(Math.max(0, dims.length - 1)), { nil: undefined }).map((axis) => (dims.length === 0 ? undefined : axis)),
    scheme: fc.constantFrom<'symmetric' | 'asymmetric'>('symmetric', 'asymmetric'),
  });
});

describe('quantizeWeights', () => {
  test('every weight comes back within half a scale, and zero as zero', () => {
    fc.assert(
      fc.property(anyWeights, ({ dims, data, axis, scheme }) => {
        const weights = Float32Array.from(data);
        const options: QuantizeOptions = axis === undefined ? { scheme } : { axis, scheme };
        const { data: quantized, scale, zeroPoint, ...rest } = quantizeWeights(weights, dims, options);
        expect(rest).toEqual({ type: scheme === 'symmetric' ? 'int8' : 'uint8', dims, axis });
        expect([scale.length, zeroPoint.length]).toEqual(Array(2).fill(axis === undefined ? 1 : dims[axis]));
        weights.forEach((x, i) => {
          const channel = channelOf(i, dims, axis);
          const restored = (quantized[i]! - zeroPoint[channel]!) * scale[channel]!; // exact in float64
          if (!(Math.abs(restored - x) <= scale[channel]! / 2) || (x === 0 && restored !== 0))
            throw new Error(`${x} came back as ${restored}, with the scale ${scale[channel]}`);
        });
      }),
      { seed: 8, numRuns: 2000 },
    );
  });

  test('no scale is wider than its range needs', () => {
    const weights = Float32Array.of(-1, 0.5, 2.2, 3);
    expect(quantizeWeights(weights, [2, 2]).scale[0]).toBeCloseTo(3 / 127, 8);
    expect([...quantizeWeights(weights, [2, 2], { axis: 0 }).scale].map((s) => s * 127)).toEqual([
      expect.closeTo(1, 5),
      expect.closeTo(3, 5),
    ]);
    expect([...quantizeWeights(weights, [2, 2], { axis: 1 }).scale].map((s) => s * 127)).toEqual([
      expect.closeTo(2.2, 5),
      expect.closeTo(3, 5),
    ]);
    const asymmetric = quantizeWeights(weights, [2, 2], { scheme: 'asymmetric' });
    expect(asymmetric.scale[0]).toBeCloseTo(4 / 255, 8);
    expect([...asymmetric.data]).toEqual([0, 96, 204, 255]);
    expect([...asymmetric.zeroPoint]).toEqual([64]);
  });

  test('one scale per channel is closer than one for all, where channels differ', () => {
    const weights = normal(64 * 64, 3).map((x, i) => x * 10 ** (-(i % 64) / 20));
    const error = (options: QuantizeOptions) => {
      const restored = dequantizeWeights(quantizeWeights(weights, [64, 64], options));
      return Math.hypot(...restored.map((x, i) => x - weights[i]!)) / Math.hypot(...weights);
    };
    expect(error({ axis: 1 })).toBeLessThan(error({}) / 2);
  });

  test('refuses what has no quantised form, and dims and axes that do not fit', () => {
    expect(() => quantizeWeights(Float32Array.of(0, Number.NaN), [2])).toThrow(
      expect.objectContaining({ code: 'CHECKPOINT_NOT_FINITE', message: expect.stringContaining('NaN at index 1') }),
    );
    expect(() => quantizeWeights(Float32Array.of(Infinity), [1])).toThrow(expect.objectContaining({ code: 'CHECKPOINT_NOT_FINITE' }));
    expect(() => quantizeWeights(Float32Array.of(1), [2])).toThrow(expect.objectContaining({ code: 'CHECKPOINT_SHAPE' }));
    for (const axis of [1, -1, 0.5])
      expect(() => quantizeWeights(Float32Array.of(1), [1], { axis })).toThrow(expect.objectContaining({ code: 'CHECKPOINT_AXIS' }));
  });
});

describe('quantised weights in ONNX Runtime', () => {
  const require = createRequire(import.meta.url);
  const requireOfXenova = createRequire(require.resolve('@xenova/transformers'));
  const runtimes = {
    newest: require('onnxruntime-node') as OrtModule,
    'of @xenova/transformers': requireOfXenova('onnxruntime-node') as OrtModule,
  };
  const forms = ['DequantizeLinear', 'Cast, Sub, Mul'] as const;
  const cases = (Object.keys(runtimes) as (keyof typeof runtimes)[]).flatMap((runtime) =>
    forms.flatMap((form) =>
      [undefined, 0, 1].flatMap((axis) => (['symmetric', 'asymmetric'] as const).map((scheme) => ({ runtime, form, axis, scheme }))),
    ),
  );
  const node = (type: string, inputs: string[], output: string, attributes: OnnxNode['attributes'] = {}): OnnxNode => ({
    type,
    domain: '',
    inputs,
    outputs: [output],
    attributes,
  });

  /** Restores the weights [5, 7] and gives them with `x` to `last`. */
  function model(
    last: 'Add' | 'MatMul',
    form: (typeof forms)[number],
    { type, dims, data, scale, zeroPoint, axis }: QuantizedWeights,
  ): Uint8Array {
    const linear = form === 'DequantizeLinear';
    const spread = axis === undefined ? [] : linear ? [scale.length] : axis === 0 ? [5, 1] : [7];
    const initializers = new Map<string, TensorLike>([
      ['weights', { type, dims, data }],
      ['scale', { type: 'float32', dims: spread, data: scale }],
      ['zero', linear ? { type, dims: spread, data: zeroPoint } : { type: 'float32', dims: spread, data: Float32Array.from(zeroPoint) }],
    ]);
    const restore = linear
      ? [node('DequantizeLinear', ['weights', 'scale', 'zero'], 'restored', axis === undefined ? {} : { axis })]
      : [
          node('Cast', ['weights'], 'wide', { to: { type: 'float32' } }),
          node('Sub', ['wide', 'zero'], 'centred'),
          node('Mul', ['centred', 'scale'], 'restored'),
        ];
    return serializeModel({
      nodes: [...restore, node(last, ['x', 'restored'], 'y')],
      initializers,
      inputs: [{ name: 'x', type: 'float32', dims: [5, last === 'Add' ? 7 : 5] }],
      outputs: [{ name: 'y', type: 'float32', dims: [5, 7] }],
      opset: 17,
      irVersion: 8,
    });
  }

  async function run({ InferenceSession, Tensor }: OrtModule, bytes: Uint8Array, x: TensorLike): Promise<Float32Array> {
    const session = await InferenceSession.create(bytes, { logSeverityLevel: 3 });
    const { y } = await session.run({ x: toTensor(Tensor, x) }, { y: null });
    return y!.data as Float32Array;
  }

  test.each(cases)(
    '$runtime, $form, axis $axis, $scheme: restores what dequantizeWeights gives',
    async ({ runtime, form, axis, scheme }) => {
      const quantized = quantizeWeights(normal(35, 1), [5, 7], axis === undefined ? { scheme } : { axis, scheme });
      const zeros: TensorLike = { type: 'float32', dims: [5, 7], data: new Float32Array(35) };
      expect(await run(runtimes[runtime], model('Add', form, quantized), zeros)).toEqual(dequantizeWeights(quantized));
    },
  );

  // DequantizeLinear before MatMul is left out: ONNX Runtime 1.30 fuses the two into a kernel that rounds x to 8 bits as well.
  test.each(Object.keys(runtimes) as (keyof typeof runtimes)[])(
    '%s: products with Cast, Sub, Mul are those of the restored weights',
    async (runtime) => {
      const quantized = quantizeWeights(normal(35, 1), [5, 7], { axis: 1, scheme: 'asymmetric' });
      const restored = dequantizeWeights(quantized);
      const x = normal(25, 2);
      const y = await run(runtimes[runtime], model('MatMul', 'Cast, Sub, Mul', quantized), { type: 'float32', dims: [5, 5], data: x });
      y.forEach((got, i) => {
        let expected = 0;
        for (let k = 0; k < 5; k++) expected += x[Math.floor(i / 7) * 5 + k]! * restored[k * 7 + (i % 7)]!;
        expect(Math.abs(got - expected)).toBeLessThan(3e-6);
      });
    },
  );
});
