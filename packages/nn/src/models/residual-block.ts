import { type Expr, ops } from '@polymodal/autograd';
import { convolution, groupNorm } from '../convolution.js';
import { dropout } from '../dropout.js';
import { zeros } from '../initialize.js';
import { linear } from '../layers.js';
import { conditionError } from '../model-errors.js';
import { type Layer, layer } from '../module.js';

export interface ResidualBlockOptions {
  readonly inputs: number;
  /** Default: as many as inputs. */
  readonly outputs?: number;
  /** Groups of channels that are normalised together; default 32. */
  readonly groups?: number;
  /** Default 1e-5; autoencoders of latent diffusion have 1e-6. */
  readonly epsilon?: number;
  /** Width of the time embedding; left out where there is none. */
  readonly timeWidth?: number;
  /** The share that training drops before the second convolution; default 0. */
  readonly dropout?: number;
}

/**
 * The residual block of UNets and autoencoders of latent diffusion (Ho et al. 2020, arXiv 2006.11239; Rombach et al. 2022, arXiv 2112.10752): x
 * [batch, inputs, height, width] and, where it has one, a time embedding [batch, timeWidth] → [batch, outputs, height, width]. It starts as
 * its shortcut. Parameters have diffusers' names: `norm1`, `conv1`, `time_emb_proj`, `norm2`, `conv2`, and `conv_shortcut` where the
 * channels change. Throws TrainingError `NN_CONDITION` for a time that is missing, or that it does not take.
 */
export function residualBlock(options: ResidualBlockOptions): Layer<[x: Expr, time?: Expr]> {
  const { inputs, outputs = inputs, groups = 32, epsilon = 1e-5, timeWidth } = options;
  const drop = dropout(options.dropout ?? 0);
  const norm1 = groupNorm(inputs, groups, { epsilon });
  const conv1 = convolution(inputs, outputs, { kernel: [3, 3], padding: 1 });
  const time_emb_proj = timeWidth === undefined ? undefined : linear(timeWidth, outputs);
  const norm2 = groupNorm(outputs, groups, { epsilon });
  const conv2 = convolution(outputs, outputs, { kernel: [3, 3], padding: 1, weightInitializer: zeros, biasInitializer: zeros });
  const conv_shortcut = inputs === outputs ? undefined : convolution(inputs, outputs, { kernel: [1, 1] });
  return layer({ norm1, conv1, time_emb_proj, norm2, conv2, conv_shortcut }, (x: Expr, time?: Expr) => {
    if ((time === undefined) !== (time_emb_proj === undefined))
      throw conditionError(
        'residualBlock',
        'time',
        time === undefined ? "Pass the time embedding, or build the block without 'timeWidth'." : "Build the block with its 'timeWidth'.",
        time === undefined,
      );
    let inner = conv1(ops.silu(norm1(x))); // [batch, outputs, height, width]
    if (time_emb_proj !== undefined && time !== undefined)
      inner = ops.add(inner, ops.reshape(time_emb_proj(ops.silu(time)), [time.dims[0]!, outputs, 1, 1]));
    return ops.add(conv_shortcut === undefined ? x : conv_shortcut(x), conv2(drop(ops.silu(norm2(inner)))));
  });
}
