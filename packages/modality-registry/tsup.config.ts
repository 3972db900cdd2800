import { libraryConfig } from '../../tsup.base.js';

// The bundler of types drops the reference in options.ts, without which users who lack Node's types could not compile Symbol.asyncDispose.
export default libraryConfig(
  { index: 'src/index.ts', conformance: 'src/conformance/index.ts', node: 'src/node/index.ts' },
  { dts: { banner: '/// <reference lib="esnext.disposable" />' } },
);
