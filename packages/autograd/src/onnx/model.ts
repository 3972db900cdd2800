import type { DType, TensorLike } from '@polymodal/modality-registry';
import Pbf from 'pbf';
import type { Dims } from '../dims.js';
import { bytesOf, type ExternalPlace, refuseTooLarge } from './external-data.js';
import * as wire from './wire.js';

/** An attribute of an ONNX node. Numbers are ints; a float says so. */
export type Attribute =
  | number
  | string
  | readonly number[]
  | { readonly float: number }
  | { readonly type: DType }
  | { readonly tensor: TensorLike };

export interface OnnxNode {
  readonly type: string;
  /** '' is ONNX's own domain; `com.microsoft` holds ONNX Runtime's. */
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

export interface OnnxValue {
  readonly name: string;
  readonly type: DType;
  readonly dims: Dims;
}

export interface OnnxGraph {
  readonly nodes: readonly OnnxNode[];
  readonly initializers: ReadonlyMap<string, TensorLike>;
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly opset: number;
  readonly irVersion: number;
  /** What a reader may want to know, by key. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Initialisers whose bytes lie in a second file. */
  readonly external?: { readonly location: string; readonly places: ReadonlyMap<string, ExternalPlace> };
}

interface StoredTensor {
  /** '' for none. */
  readonly name: string;
  readonly tensor: TensorLike;
  /** Keys and values that say where the bytes are, if not here. */
  readonly outside?: Readonly<Record<string, string>> | undefined;
}

function writeEntry([key, value]: [string, string], pbf: Pbf): void {
  pbf.writeStringField(wire.entryField.key, key);
  pbf.writeStringField(wire.entryField.value, value);
}

function writeTensor({ name, tensor, outside }: StoredTensor, pbf: Pbf): void {
  for (const dim of tensor.dims) pbf.writeVarintField(wire.tensorField.dims, dim);
  pbf.writeVarintField(wire.tensorField.dataType, wire.onnxTypes[tensor.type]);
  if (name !== '') pbf.writeStringField(wire.tensorField.name, name);
  if (outside === undefined) {
    pbf.writeBytesField(wire.tensorField.rawData, bytesOf(tensor.data));
    return;
  }
  for (const entry of Object.entries(outside)) pbf.writeMessage(wire.tensorField.externalData, writeEntry, entry);
  pbf.writeVarintField(wire.tensorField.dataLocation, wire.dataLocation.external);
}

/** Where an initialiser lies, as ONNX writes it. */
function outsideOf({ external }: OnnxGraph, name: string): Readonly<Record<string, string>> | undefined {
  const place = external?.places.get(name);
  return place && { location: external!.location, offset: `${place.offset}`, length: `${place.length}` };
}

function writeAttribute([name, value]: [string, Attribute], pbf: Pbf): void {
  const { attributeField: field, attributeType: type } = wire;
  pbf.writeStringField(field.name, name);
  const kind = (id: number) => pbf.writeVarintField(field.type, id);
  if (typeof value === 'number') {
    pbf.writeVarintField(field.i, value);
    kind(type.int);
  } else if (typeof value === 'string') {
    pbf.writeStringField(field.s, value);
    kind(type.string);
  } else if ('float' in value) {
    pbf.writeFloatField(field.f, value.float);
    kind(type.float);
  } else if ('tensor' in value) {
    pbf.writeMessage(field.t, writeTensor, { name: '', tensor: value.tensor });
    kind(type.tensor);
  } else if ('type' in value) {
    pbf.writeVarintField(field.i, wire.onnxTypes[value.type]);
    kind(type.int);
  } else {
    for (const item of value) pbf.writeVarintField(field.ints, item);
    kind(type.ints);
  }
}

function writeNode(node: OnnxNode, pbf: Pbf): void {
  for (const input of node.inputs) pbf.writeStringField(wire.nodeField.input, input);
  for (const output of node.outputs) pbf.writeStringField(wire.nodeField.output, output);
  // A node takes its first output's name, which is unique, so that runtime messages and profiles can be traced back.
  pbf.writeStringField(wire.nodeField.name, node.outputs[0]!);
  pbf.writeStringField(wire.nodeField.opType, node.type);
  for (const entry of Object.entries(node.attributes)) pbf.writeMessage(wire.nodeField.attribute, writeAttribute, entry);
  if (node.domain !== '') pbf.writeStringField(wire.nodeField.domain, node.domain);
}

function writeShape(dims: Dims, pbf: Pbf): void {
  for (const dim of dims)
    pbf.writeMessage(
      wire.shapeField.dim,
      (size, inner) => {
        if (typeof size === 'number') inner.writeVarintField(wire.dimField.value, size);
        else inner.writeStringField(wire.dimField.parameter, size);
      },
      dim,
    );
}

function writeValue(value: OnnxValue, pbf: Pbf): void {
  pbf.writeStringField(wire.valueInfoField.name, value.name);
  pbf.writeMessage(
    wire.valueInfoField.type,
    (_, type) =>
      type.writeMessage(
        wire.typeField.tensorType,
        (__, tensor) => {
          tensor.writeVarintField(wire.tensorTypeField.elementType, wire.onnxTypes[value.type]);
          tensor.writeMessage(wire.tensorTypeField.shape, writeShape, value.dims);
        },
        value,
      ),
    value,
  );
}

function writeGraph(graph: OnnxGraph, pbf: Pbf): void {
  for (const node of graph.nodes) pbf.writeMessage(wire.graphField.node, writeNode, node);
  pbf.writeStringField(wire.graphField.name, 'polymodal');
  for (const [name, tensor] of graph.initializers)
    pbf.writeMessage(wire.graphField.initializer, writeTensor, { name, tensor, outside: outsideOf(graph, name) });
  for (const value of graph.inputs) pbf.writeMessage(wire.graphField.input, writeValue, value);
  for (const value of graph.outputs) pbf.writeMessage(wire.graphField.output, writeValue, value);
}

/** What our files say of who wrote them. */
export const producer = '@polymodal/autograd';

/** Serialises a graph as an ONNX `ModelProto`. Throws {@link AutogradError} `AUTOGRAD_TOO_LARGE` where protobuf has no room for its weights. */
export function serializeModel(graph: OnnxGraph): Uint8Array {
  let inside = 0;
  for (const [name, tensor] of graph.initializers) if (!graph.external?.places.has(name)) inside += tensor.data.byteLength;
  refuseTooLarge(inside); // before the memory is taken
  const pbf = new Pbf();
  pbf.writeVarintField(wire.modelField.irVersion, graph.irVersion);
  pbf.writeStringField(wire.modelField.producerName, producer);
  pbf.writeMessage(wire.modelField.graph, writeGraph, graph);
  for (const domain of new Set(['', ...graph.nodes.map((node) => node.domain)]))
    pbf.writeMessage(
      wire.modelField.opsetImport,
      (name, inner) => {
        if (name !== '') inner.writeStringField(wire.opsetField.domain, name);
        inner.writeVarintField(wire.opsetField.version, name === '' ? graph.opset : 1);
      },
      domain,
    );
  for (const entry of Object.entries(graph.metadata ?? {})) pbf.writeMessage(wire.modelField.metadata, writeEntry, entry);
  const bytes = pbf.finish();
  refuseTooLarge(bytes.length);
  return bytes;
}
