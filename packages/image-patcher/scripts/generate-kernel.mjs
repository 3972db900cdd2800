// Compiles kernel/resample.ts (AssemblyScript) into src/kernel/generated.ts.
// Run it with `npm run generate`; its output is committed, so that nothing has to be built before the sources run. `--check` only compares.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

/** Chrome's limit on what its main thread compiles synchronously. */
const limit = 4096;
const folder = fileURLToPath(new URL('../', import.meta.url));
const target = `${folder}src/kernel/generated.ts`;

let wasm;
// 4 MiB of memory and no more: the pages that are not touched cost nothing.
const memory = ['--initialMemory', '64', '--maximumMemory', '64'];
const options = ['--enable', 'simd', '--runtime', 'stub', '--optimizeLevel', '3', '--shrinkLevel', '0', '--converge', '--noAssert'];
const { error, stderr } = await asc.main(['kernel/resample.ts', ...options, ...memory, '--outFile', 'resample.wasm'], {
  readFile: (name, base) => {
    try {
      return readFileSync(`${base === '.' ? folder : `${base}/`}${name}`, 'utf8');
    } catch {
      return null;
    }
  },
  writeFile: (_, contents) => {
    wasm = contents;
  },
  listFiles: () => [],
});
if (error) throw new Error(`${error.message}\n${stderr}`);
if (wasm.length >= limit) throw new Error(`the kernel has ${wasm.length} bytes, but fewer than ${limit} may be compiled synchronously`);

const contents = `// Made from kernel/resample.ts by scripts/generate-kernel.mjs: ${wasm.length} bytes of WebAssembly in hexadecimal, which becomes a quarter
// smaller than base64 when it is gzipped, since repeated bytes stay repeated characters.
// biome-ignore format: one line
export const kernelHex = '${Buffer.from(wasm).toString('hex')}';
`;
if (!process.argv.includes('--check')) writeFileSync(target, contents);
else if (readFileSync(target, 'utf8') !== contents)
  throw new Error('src/kernel/generated.ts is not what kernel/resample.ts compiles to: npm run generate');
