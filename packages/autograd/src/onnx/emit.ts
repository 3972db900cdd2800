import type { DType, TensorLike } from '@polymodal/modality-registry';
import type { Dim, Dims } from '../dims.js';
import { AutogradError } from '../errors.js';
import { type Expr, topologicalOrder } from '../expr.js';
import { isParameter } from '../ops/leaf.js';
import { simplify } from '../simplify.js';
import { type ExternalData, placeOutside } from './external-data.js';
import { type Attribute, type OnnxGraph, type OnnxNode, type OnnxValue, serializeModel } from './model.js';
import { DynamicWeights, dequantize, refuseMisfit, type StoredWeight } from './stored-weights.js';

/** What an operator's emission writes with; every method returns the name of a value. */
export interface Emitter {
  node(type: string, inputs: readonly string[], attributes?: Readonly<Record<string, Attribute>>, domain?: string): string;
  /** Output `index` of the node whose first output is `name`. */
  extraOutput(name: string, index: number): string;
  constant(tensor: TensorLike): string;
  int64s(values: readonly number[]): string;
  /** A shape as an int64 vector; named dimensions are read from the graph's inputs when it runs. */
  shape(dims: Dims): string;
  input(name: string, type: DType, dims: Dims): string;
  parameter(node: Expr): string;
  /**
   * x · weight, or x · weightᵀ, of integers: where the weight is stored for that, with a scale for each column of the product at most;
   * undefined elsewhere.
   */
  integerProduct(x: string, weight: string, transposed: boolean): string | undefined;
}

export interface EmitOptions {
  /** Named outputs. */
  readonly outputs: Readonly<Record<string, Expr>>;
  /** A name for every parameter; all are graph inputs unless `weights` holds them. */
  readonly parameters?: ReadonlyMap<Expr, string>;
  /** Values to store in the graph, by parameter name; other parameters become inputs. */
  readonly weights?: ReadonlyMap<string, StoredWeight>;
  /** What the file says of itself, by key (`metadata_props`): a licence, where the weights come from. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** A model in two files. */
export interface OnnxFiles {
  readonly model: Uint8Array;
  /** To be stored beside the model, under the name that it was given. */
  readonly data: Uint8Array;
}

/** What a name in the file stands for, where the caller chose it. */
type Named = 'input' | 'parameter' | 'output';

const withArticle: Readonly<Record<Named, string>> = { input: 'an input', parameter: 'a parameter', output: 'an output' };

function duplicateName(name: string, one: Named, other: Named): AutogradError {
  const who = one === other ? `two ${one}s of the graph are` : `${withArticle[one]} and ${withArticle[other]} of the graph are both`;
  return new AutogradError({
    code: 'AUTOGRAD_DUPLICATE_NAME',
    message: `${who} named '${name}'.`,
    fix: one === 'input' && other === 'input' ? 'Create the input once and use it twice.' : 'Give one of them another name.',
  });
}

class GraphBuilder implements Emitter {
  readonly nodes: OnnxNode[] = [];
  readonly initializers = new Map<string, TensorLike>();
  readonly inputs: OnnxValue[] = [];
  private readonly given = new Map<string, Named>();
  private readonly producers = new Map<string, OnnxNode>();
  private readonly renamed = new Map<string, string>();
  private readonly integerVectors = new Map<string, string>();
  private readonly scalars = new Map<number | '-0', string>();
  private readonly dimensions = new Map<string, string>();
  private readonly dynamicWeights = new DynamicWeights(this);
  private readonly parameterNames: ReadonlyMap<Expr, string>;
  private readonly weights: ReadonlyMap<string, StoredWeight>;
  private count = 0;

  constructor(options: EmitOptions) {
    this.parameterNames = options.parameters ?? new Map();
    this.weights = options.weights ?? new Map();
  }

  /** Keeps a name for what the caller gave it to. */
  claim(name: string, named: Named): void {
    const earlier = this.given.get(name);
    if (earlier !== undefined) throw duplicateName(name, earlier, named);
    this.given.set(name, named);
  }

  /** A name of ours, or one like it where the caller has it already. */
  private free(name: string): string {
    return this.given.has(name) ? this.free(`${name}_`) : name;
  }

  node(type: string, inputs: readonly string[], attributes: Readonly<Record<string, Attribute>> = {}, domain = ''): string {
    const floats = inputs.map((input) => this.dynamicWeights.asFloat(input));
    const name = this.free(`${type}_${this.count++}`);
    const node = { type, domain, inputs: floats, outputs: [name], attributes };
    this.nodes.push(node);
    this.producers.set(name, node);
    return name;
  }

  extraOutput(name: string, index: number): string {
    const { outputs } = this.producers.get(name)!;
    for (let i = outputs.length; i <= index; i++) outputs.push(this.free(`${name}_${i}`));
    return outputs[index]!;
  }

  constant(tensor: TensorLike): string {
    const value = tensor.type === 'float32' && tensor.dims.length === 0 ? (tensor.data[0] as number) : undefined;
    // A Map takes −0 for 0; x / −0 does not.
    const key = Object.is(value, -0) ? '-0' : value;
    const known = key === undefined ? undefined : this.scalars.get(key);
    if (known !== undefined) return known;
    const name = this.free(`constant_${this.count++}`);
    this.initializers.set(name, tensor);
    if (key !== undefined) this.scalars.set(key, name);
    return name;
  }

  int64s(values: readonly number[]): string {
    const key = values.join();
    const known = this.integerVectors.get(key);
    if (known !== undefined) return known;
    const name = this.constant({ type: 'int64', dims: [values.length], data: BigInt64Array.from(values, BigInt) });
    this.integerVectors.set(key, name);
    return name;
  }

  shape(dims: Dims): string {
    if (dims.every((dim) => typeof dim === 'number')) return this.int64s(dims as number[]);
    const pieces = dims.map((dim) => this.dimension(dim));
    return pieces.length === 1 ? pieces[0]! : this.node('Concat', pieces, { axis: 0 });
  }

  private dimension(dim: Dim): string {
    if (typeof dim === 'number') return this.int64s([dim]);
    const known = this.dimensions.get(dim);
    if (known !== undefined) return known;
    const source = this.inputs.find(({ dims }) => dims.includes(dim));
    if (source === undefined)
      throw new AutogradError({
        code: 'AUTOGRAD_DIMENSION',
        message: `no input of the graph has a dimension named '${dim}'.`,
        fix: 'Name it in the dims of an input.',
      });
    const name = this.node('Slice', [
      this.node('Shape', [source.name]),
      this.int64s([source.dims.indexOf(dim)]),
      this.int64s([source.dims.indexOf(dim) + 1]),
    ]);
    this.dimensions.set(dim, name);
    return name;
  }

  input(name: string, type: DType, dims: Dims): string {
    this.inputs.push({ name, type, dims });
    return name;
  }

  /** Makes a value an output of the graph: its node takes the public name; a leaf, or a value with two names, is copied. */
  publish(given: string, name: string): void {
    const value = this.dynamicWeights.asFloat(given);
    if (this.producers.has(value) && !this.renamed.has(value)) this.renamed.set(value, name);
    else this.nodes.push({ type: 'Identity', domain: '', inputs: [value], outputs: [name], attributes: {} });
  }

  publishedNodes(): OnnxNode[] {
    const rename = (value: string) => this.renamed.get(value) ?? value;
    return this.nodes.map((node) => ({ ...node, inputs: node.inputs.map(rename), outputs: node.outputs.map(rename) }));
  }

  integerProduct(x: string, weight: string, transposed: boolean): string | undefined {
    return this.dynamicWeights.product(x, weight, transposed);
  }

  nameOf(parameter: Expr): string {
    const name = this.parameterNames.get(parameter);
    if (name === undefined)
      throw new AutogradError({
        code: 'AUTOGRAD_UNNAMED_PARAMETER',
        message: 'the graph uses a parameter that has no name.',
        fix: "Pass every parameter of the model in 'parameters'.",
      });
    return name;
  }

  parameter(node: Expr): string {
    const name = this.nameOf(node);
    const value = this.weights.get(name);
    if (value === undefined) return this.input(name, node.type, node.dims);
    refuseMisfit(name, node, value);
    if ('scale' in value) {
      const { type, dims, data } = value;
      this.initializers.set(name, { type, dims, data } as TensorLike);
      return value.dynamic ? this.dynamicWeights.keep(name, value) : dequantize(this, name, value);
    }
    this.initializers.set(name, value);
    return value.type === 'float16' ? this.node('Cast', [name], { to: { type: 'float32' } }) : name;
  }
}

/**
 * Roots in the order in which they can be had. ONNX Runtime works roughly in the order of the file: a weight's gradient that comes as soon as
 * it can lets go of what it was made of, where one that waits for the first layer's keeps all layers' activations alive.
 */
function shallowFirst(roots: readonly Expr[]): Expr[] {
  const depths = new Map<Expr, number>();
  for (const node of topologicalOrder(roots))
    depths.set(
      node,
      node.inputs.reduce((deepest, input) => Math.max(deepest, depths.get(input)! + 1), 0),
    );
  return [...roots].sort((a, b) => depths.get(a)! - depths.get(b)!);
}

function buildGraph(options: EmitOptions): OnnxGraph {
  const builder = new GraphBuilder(options);
  const names = new Map<Expr, string>();
  const roots = simplify(Object.values(options.outputs));
  const order = topologicalOrder(shallowFirst(roots));
  for (const node of order) {
    if (node.op.name === 'input') builder.claim((node.attributes as { readonly name: string }).name, 'input');
    if (isParameter(node)) builder.claim(builder.nameOf(node), 'parameter');
  }
  for (const name of Object.keys(options.outputs)) builder.claim(name, 'output');
  // Inputs first, so that any operator can read a named dimension from them.
  for (const node of order) if (node.op.name === 'input') names.set(node, node.op.emit(builder, [], node.attributes, node));
  for (const node of order)
    if (!names.has(node)) {
      const inputs = node.inputs.map((input) => names.get(input)!);
      names.set(node, node.op.emit(builder, inputs, node.attributes, node));
    }
  const outputs: OnnxValue[] = [];
  Object.keys(options.outputs).forEach((name, i) => {
    const node = roots[i]!;
    builder.publish(names.get(node)!, name);
    outputs.push({ name, type: node.type, dims: node.dims });
  });
  return {
    nodes: builder.publishedNodes(),
    initializers: builder.initializers,
    inputs: builder.inputs,
    outputs,
    opset: 17,
    irVersion: 8,
    ...(options.metadata && { metadata: options.metadata }),
  };
}

/**
 * Writes the expressions as one ONNX model, at opset 17 and IR version 8: what the oldest runtime in use loads. Only what the outputs depend on
 * is written. Throws {@link AutogradError} `AUTOGRAD_DUPLICATE_NAME` where inputs, parameters and outputs share a name, `AUTOGRAD_SHAPE` where a
 * weight is not its parameter's, `AUTOGRAD_TOO_LARGE` above the 2 GB that protobuf allows; {@link emitOnnxFiles} has room for more.
 */
export function emitOnnx(options: EmitOptions): Uint8Array {
  return serializeModel(buildGraph(options));
}

/**
 * Writes the expressions as an ONNX model whose tensors of 1 KiB or more lie in a second file (`TensorProto.external_data`), aligned to 4 KiB.
 * Throws {@link AutogradError} `AUTOGRAD_LOCATION` where that file's name is none, `AUTOGRAD_TOO_LARGE` above 4 GiB.
 */
export function emitOnnxFiles(options: EmitOptions, { location }: ExternalData): OnnxFiles {
  const graph = buildGraph(options);
  const { places, data } = placeOutside(graph.initializers, { location });
  return { model: serializeModel({ ...graph, external: { location, places } }), data };
}
