import { type Expr, ops } from '@polymodal/autograd';
import { activations, constantValue, heNormal, type Layer, layer, linear, ones, zeros } from '@polymodal/nn';
import type { ConvolutionalConfig } from '../config.js';

/** α of a residual block at the start: small, so that a deep tower begins near the identity. */
const residualStart = 0.3;
/** √(2 / (1 − 1/π)), what ReLU takes away (Brock et al. 2021, section 4): keeps the variance of activations near 1 from layer to layer. */
const gainScale = 1.7;

interface ConvolutionShape {
  readonly inputs: number;
  readonly outputs: number;
  readonly kernel: number;
  readonly stride: number;
}

/**
 * A convolution whose kernels are standardised (Qiao et al. 2019, arXiv 1903.10520, with the gains of Brock et al. 2021,
 * arXiv 2101.08692): as stable as batch normalisation, but nothing depends on the batch, and it folds into constants for inference.
 */
function standardizedConvolution({ inputs, outputs, kernel, stride }: ConvolutionShape): Layer {
  const weight = ops.parameter([outputs, inputs, kernel, kernel], heNormal);
  const gain = ops.parameter([outputs], ones);
  const bias = ops.parameter([outputs], zeros);
  const fanIn = inputs * kernel * kernel;
  return layer({ weight, gain, bias }, (x: Expr) => {
    const rows = ops.reshape(weight, [outputs, fanIn]);
    const centred = ops.sub(rows, ops.mean(rows, 1, true));
    const variance = ops.mean(ops.mul(centred, centred), 1, true);
    const scale = ops.div(ops.mul(ops.reshape(gain, [outputs, 1]), gainScale), ops.sqrt(ops.add(ops.mul(variance, fanIn), 1e-4)));
    const standard = ops.reshape(ops.mul(centred, scale), [outputs, inputs, kernel, kernel]);
    return ops.convolution(x, standard, { stride, padding: (kernel - stride + 1) >> 1, bias });
  });
}

/** x + α · activation(convolution(x)), α learned. [batch, size, height, width] → the same */
function residual(size: number, activation: (x: Expr) => Expr): Layer {
  const convolution = standardizedConvolution({ inputs: size, outputs: size, kernel: 3, stride: 1 });
  const scale = ops.parameter([], constantValue(residualStart));
  return layer({ convolution, scale }, (x: Expr) => ops.add(x, ops.mul(activation(convolution(x)), scale)));
}

/**
 * An image tower for small pictures: each stage halves the picture with a convolution and refines it with residual 3×3 ones;
 * the last feature map is read whole, so that where a thing lies still counts. [batch, 3, size, size] → [batch, hidden_size]
 */
export function convolutional(config: ConvolutionalConfig): Layer {
  const activation = activations[config.hidden_act];
  const sizes = config.stage_sizes;
  const stages = sizes.map((outputs, i) => {
    const down = standardizedConvolution({ inputs: i === 0 ? 3 : sizes[i - 1]!, outputs, kernel: i === 0 ? 4 : 2, stride: 2 });
    const blocks = Array.from({ length: config.stage_blocks[i]! }, () => residual(outputs, activation));
    return layer({ down, blocks: { tree: Object.fromEntries(blocks.map((block, b) => [String(b), block])) } }, (x: Expr) =>
      blocks.reduce((value, block) => block(value), activation(down(x))),
    );
  });
  const side = config.image_size >> sizes.length;
  const features = sizes.at(-1)! * side * side;
  const head = linear(features, config.hidden_size);
  return layer({ stages: { tree: Object.fromEntries(stages.map((stage, i) => [String(i), stage])) }, head }, (pixels: Expr) => {
    const maps = stages.reduce((x, stage) => stage(x), pixels); // [batch, sizes.at(-1), side, side]
    return head(ops.reshape(maps, [maps.dims[0]!, features]));
  });
}
