import Pbf from 'pbf';
import { AutogradError } from '../errors.js';
import { producer } from './model.js';
import { dimField, graphField, modelField, shapeField, tensorTypeField, typeField, valueInfoField } from './wire.js';

/** An axis's name; undefined where its size is a number. */
type Names = (string | undefined)[];

function readDim(tag: number, names: Names, pbf: Pbf): void {
  if (tag === dimField.parameter) names[names.length - 1] = pbf.readString();
}

function readShape(tag: number, names: Names, pbf: Pbf): void {
  if (tag !== shapeField.dim) return;
  names.push(undefined);
  pbf.readMessage(readDim, names);
}

function readTensorType(tag: number, names: Names, pbf: Pbf): void {
  if (tag === tensorTypeField.shape) pbf.readMessage(readShape, names);
}

function readType(tag: number, names: Names, pbf: Pbf): void {
  if (tag === typeField.tensorType) pbf.readMessage(readTensorType, names);
}

interface Value {
  name: string;
  readonly names: Names;
}

function readValue(tag: number, value: Value, pbf: Pbf): void {
  if (tag === valueInfoField.name) value.name = pbf.readString();
  else if (tag === valueInfoField.type) pbf.readMessage(readType, value.names);
}

function readGraph(tag: number, inputs: Value[], pbf: Pbf): void {
  if (tag === graphField.input) inputs.push(pbf.readMessage<Value>(readValue, { name: '', names: [] }));
}

function readModel(tag: number, inputs: Value[], pbf: Pbf): void {
  if (tag === modelField.graph) pbf.readMessage(readGraph, inputs);
}

/** Our files say at their start who wrote them. */
const isOurs = (bytes: Uint8Array): boolean => new TextDecoder('latin1').decode(bytes.subarray(0, 64)).includes(producer);

/** The names that a model's inputs give to their dimensions, by input; none for a model that we did not write: others mean less by them. */
export function namedDims(bytes: Uint8Array): ReadonlyMap<string, Names> {
  if (!isOurs(bytes)) return new Map();
  const inputs = new Pbf(bytes).readFields<Value[]>(readModel, []);
  return new Map(inputs.filter(({ names }) => names.some((name) => name !== undefined)).map(({ name, names }) => [name, names]));
}

/**
 * Refuses feeds in which dimensions of one name have two sizes: the runtime would stretch a 1 to the other without a word. Throws
 * {@link AutogradError} `AUTOGRAD_DIMENSION`.
 */
export function checkNamedDims(
  named: ReadonlyMap<string, Names>,
  feeds: Readonly<Record<string, { readonly dims: readonly number[] }>>,
): void {
  const first = new Map<string, { readonly size: number; readonly input: string }>();
  for (const [input, names] of named)
    feeds[input]?.dims.forEach((size, axis) => {
      const name = names[axis];
      if (name === undefined) return;
      const known = first.get(name) ?? { size, input };
      first.set(name, known);
      if (known.size === size) return;
      throw new AutogradError({
        code: 'AUTOGRAD_DIMENSION',
        message: `dimension '${name}' is ${known.size} in input '${known.input}' and ${size} in input '${input}'.`,
        fix: 'Feed one size wherever the graph has that name.',
      });
    });
}
