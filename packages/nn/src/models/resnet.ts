import { type Expr, type Initializer, ops } from '@polymodal/autograd';
import { batchNorm } from '../batch-norm.js';
import { convolution } from '../convolution.js';
import { normal } from '../initialize.js';
import { linear, moduleList, sequential } from '../layers.js';
import { type Layer, layer } from '../module.js';
import { checkField, checkSizeLists, checkSizes, isSize } from './config-checks.js';

/** N(0, 2 / fanOut): ReLUs then keep the variance of gradients. */
const fanOutNormal: Initializer = (dims, random) =>
  normal(Math.sqrt(2 / dims.reduce((n, dim, axis) => (axis === 1 ? n : n * dim), 1)))(dims, random);

const filter = (inputs: number, outputs: number, size: number, stride = 1): Layer =>
  convolution(inputs, outputs, {
    kernel: [size, size],
    stride,
    padding: Math.floor(size / 2),
    bias: false,
    weightInitializer: fanOutNormal,
  });

export interface ResnetBlockOptions {
  /** 2 halves height and width; default 1. */
  readonly stride?: number;
}

/** What is added to a block's output: its input, projected where the shape changes. */
function shortcut(inputs: number, outputs: number, stride: number): Layer | undefined {
  return stride === 1 && inputs === outputs ? undefined : sequential(filter(inputs, outputs, 1, stride), batchNorm(outputs));
}

/**
 * The residual block of ResNet-18 and 34 (He et al. 2015, arXiv 1512.03385). [batch, inputs, height, width] → [batch, outputs, ⌈height /
 * stride⌉, ⌈width / stride⌉]; parameters have torchvision's names: `conv1`, `bn1`, `conv2`, `bn2`, `downsample`.
 */
export function basicBlock(inputs: number, outputs: number, { stride = 1 }: ResnetBlockOptions = {}): Layer {
  const [conv1, bn1] = [filter(inputs, outputs, 3, stride), batchNorm(outputs)];
  const [conv2, bn2] = [filter(outputs, outputs, 3), batchNorm(outputs)];
  const downsample = shortcut(inputs, outputs, stride);
  return layer({ conv1, bn1, conv2, bn2, downsample }, (x: Expr) => {
    const inner = bn2(conv2(ops.relu(bn1(conv1(x)))));
    return ops.relu(ops.add(inner, downsample === undefined ? x : downsample(x)));
  });
}

/**
 * The residual block of ResNet-50 and larger, which works at a quarter of its outputs' width, the stride in its middle as in torchvision.
 * [batch, inputs, height, width] → [batch, outputs, ⌈height / stride⌉, ⌈width / stride⌉]; `conv1`, `bn1` … `bn3`, `downsample`.
 */
export function bottleneckBlock(inputs: number, outputs: number, { stride = 1 }: ResnetBlockOptions = {}): Layer {
  const width = outputs / 4;
  const [conv1, bn1] = [filter(inputs, width, 1), batchNorm(width)];
  const [conv2, bn2] = [filter(width, width, 3, stride), batchNorm(width)];
  const [conv3, bn3] = [filter(width, outputs, 1), batchNorm(outputs)];
  const downsample = shortcut(inputs, outputs, stride);
  return layer({ conv1, bn1, conv2, bn2, conv3, bn3, downsample }, (x: Expr) => {
    const inner = bn3(conv3(ops.relu(bn2(conv2(ops.relu(bn1(conv1(x))))))));
    return ops.relu(ops.add(inner, downsample === undefined ? x : downsample(x)));
  });
}

export interface ResnetConfig {
  readonly block: 'basic' | 'bottleneck';
  /** Blocks of each stage; every stage but the first halves height and width. */
  readonly layers: readonly number[];
  /** Channels after the first convolution, which every stage but the first doubles; default 64. */
  readonly width?: number;
  /** Default 3. */
  readonly num_channels?: number;
  /** Classes; 0 for a model without a head. */
  readonly num_labels: number;
}

/** The sizes of He et al. with a head of 1000 classes. */
export const resnetConfigs = {
  resnet18: { block: 'basic', layers: [2, 2, 2, 2], num_labels: 1000 },
  resnet34: { block: 'basic', layers: [3, 4, 6, 3], num_labels: 1000 },
  resnet50: { block: 'bottleneck', layers: [3, 4, 6, 3], num_labels: 1000 },
  resnet101: { block: 'bottleneck', layers: [3, 4, 23, 3], num_labels: 1000 },
  resnet152: { block: 'bottleneck', layers: [3, 8, 36, 3], num_labels: 1000 },
} as const satisfies Readonly<Record<string, ResnetConfig>>;

/** With how many times a stage's width each kind of block gives. */
const blocks = { basic: [basicBlock, 1], bottleneck: [bottleneckBlock, 4] } as const;

export interface Resnet extends Layer<[pixels: Expr]> {
  /** The picture after each stage: a quarter of the height and width, an eighth, … [batch, channels, height / 4, width / 4], … */
  stages(pixels: Expr): readonly Expr[];
  /** The mean of the last stage over its positions: what the head reads. → [batch, channels] */
  features(pixels: Expr): Expr;
}

/**
 * Residual network (He et al. 2015, arXiv 1512.03385): pixels [batch, channels, height, width] → logits [batch, classes], or the features where
 * there is no head. Parameters and running statistics have torchvision's names and shapes: `conv1.weight`, `bn1.running_mean`,
 * `layer1.0.conv1.weight`, `layer2.0.downsample.0.weight`, `fc.weight`. Training graphs normalise by the batch, all others by the running statistics.
 * Throws TrainingError `NN_CONFIG` for fields that are missing or no sizes.
 */
export function resnet(config: ResnetConfig): Resnet {
  checkField('resnet', 'block', config.block, Object.hasOwn(blocks, config.block), "'basic' or 'bottleneck'");
  checkSizeLists('resnet', config, ['layers']);
  const { width = 64, num_channels = 3, num_labels } = config;
  checkSizes('resnet', { width, num_channels }, ['width', 'num_channels']);
  checkField('resnet', 'num_labels', num_labels, num_labels === 0 || isSize(num_labels), 'a number of classes, or 0 for no head');
  const [block, expansion] = blocks[config.block];
  const [conv1, bn1] = [filter(num_channels, width, 7, 2), batchNorm(width)];
  let channels = width;
  const layers = config.layers.map((count, stage) =>
    Array.from({ length: count }, (_, i) => {
      const [inputs, outputs] = [channels, width * 2 ** stage * expansion];
      channels = outputs;
      return block(inputs, outputs, { stride: stage > 0 && i === 0 ? 2 : 1 });
    }),
  );
  const fc = num_labels === 0 ? undefined : linear(channels, num_labels);
  const stages = (pixels: Expr): readonly Expr[] => {
    let x = ops.maxPool(ops.relu(bn1(conv1(pixels))), { kernel: 3, stride: 2, padding: 1 });
    return layers.map((blocks) => {
      x = blocks.reduce((y, one) => one(y), x);
      return x;
    });
  };
  const features = (pixels: Expr): Expr => ops.mean(stages(pixels).at(-1)!, [2, 3]);
  const forward = (pixels: Expr): Expr => (fc === undefined ? features(pixels) : fc(features(pixels)));
  const named = Object.fromEntries(layers.map((blocks, stage) => [`layer${stage + 1}`, moduleList(blocks)]));
  return Object.assign(layer({ conv1, bn1, ...named, fc }, forward), { stages, features });
}
