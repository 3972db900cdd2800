import { TestEnvironment } from 'jest-environment-node';

// ONNX Runtime and sharp compare against the host's own classes; jest's realm has different ones, so it gets the host's.
const hostClasses = [
  'Int8Array',
  'Uint8Array',
  'Uint8ClampedArray',
  'Int16Array',
  'Uint16Array',
  'Int32Array',
  'Uint32Array',
  'Float16Array',
  'Float32Array',
  'Float64Array',
  'BigInt64Array',
  'BigUint64Array',
  'ArrayBuffer',
  'SharedArrayBuffer',
  'DataView',
  'WebAssembly',
];

export default class HostRealmEnvironment extends TestEnvironment {
  constructor(config, context) {
    super(config, context);
    for (const name of hostClasses) if (name in globalThis) this.global[name] = globalThis[name];
  }
}
