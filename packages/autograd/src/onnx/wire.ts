/**
 * Field numbers of ONNX's protobuf schema that we use (onnx/onnx.proto, IR version 8).
 * https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
 */
import type { DType } from '@polymodal/modality-registry';

export const modelField = { irVersion: 1, producerName: 2, graph: 7, opsetImport: 8, metadata: 14 } as const;
export const opsetField = { domain: 1, version: 2 } as const;
export const graphField = { node: 1, name: 2, initializer: 5, input: 11, output: 12 } as const;
export const nodeField = { input: 1, output: 2, name: 3, opType: 4, attribute: 5, domain: 7 } as const;
export const attributeField = { name: 1, f: 2, i: 3, s: 4, t: 5, ints: 8, type: 20 } as const;
export const attributeType = { float: 1, int: 2, string: 3, tensor: 4, ints: 7 } as const;
export const tensorField = { dims: 1, dataType: 2, name: 8, rawData: 9, externalData: 13, dataLocation: 14 } as const;
/** Of key and value: metadata, and where data lie. */
export const entryField = { key: 1, value: 2 } as const;
export const dataLocation = { external: 1 } as const;
export const valueInfoField = { name: 1, type: 2 } as const;
export const typeField = { tensorType: 1 } as const;
export const tensorTypeField = { elementType: 1, shape: 2 } as const;
export const shapeField = { dim: 1 } as const;
export const dimField = { value: 1, parameter: 2 } as const;

export const onnxTypes: Readonly<Record<DType, number>> = {
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
  uint32: 12,
  uint64: 13,
};
