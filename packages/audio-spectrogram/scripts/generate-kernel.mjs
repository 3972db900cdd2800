// Compiles kernel/*.ts (AssemblyScript) into the TypeScript files named below.
// Run it with `npm run generate`; its output is committed, so that nothing has to be built before the sources run. `--check` only compares.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

/** Each kernel with where its code goes, and how many pages of 64 KiB it has: pages that are not touched cost nothing. */
const kernels = [
  { source: 'kernel/frames.ts', target: 'src/kernel/generated.ts', pages: 16 },
  { source: 'kernel/resample.ts', target: 'src/resample/generated.ts', pages: 128 },
];

/** Chrome's limit on what its main thread compiles synchronously. */
const limit = 4096;
const folder = fileURLToPath(new URL('../', import.meta.url));
const options = ['--enable', 'simd', '--runtime', 'stub', '--optimizeLevel', '3', '--shrinkLevel', '0', '--converge', '--noAssert'];

async function compile(source, pages) {
  let wasm;
  const memory = ['--initialMemory', `${pages}`, '--maximumMemory', `${pages}`];
  const { error, stderr } = await asc.main([source, ...options, ...memory, '--outFile', 'kernel.wasm'], {
    readFile: (name, base) => {
      try {
        const text = readFileSync(`${base === '.' ? folder : `${base}/`}${name}`, 'utf8');
        // AssemblyScript's decorators of functions are no JavaScript, which the linter takes the kernels for.
        return text.replace(/\n\/\/ inline\n(?=(export )?function)/g, '\n@inline\n');
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
  return wasm;
}

for (const { source, target, pages } of kernels) {
  const wasm = await compile(source, pages);
  if (wasm.length >= limit) throw new Error(`${source} has ${wasm.length} bytes, but fewer than ${limit} may be compiled synchronously`);
  const contents = `// Made from ${source} by scripts/generate-kernel.mjs: ${wasm.length} bytes of WebAssembly in hexadecimal, which becomes a quarter
// smaller than base64 when it is gzipped, since repeated bytes stay repeated characters.
// biome-ignore format: one line
export const kernelHex = '${Buffer.from(wasm).toString('hex')}';
`;
  if (!process.argv.includes('--check')) writeFileSync(`${folder}${target}`, contents);
  else if (readFileSync(`${folder}${target}`, 'utf8') !== contents)
    throw new Error(`${target} is not what ${source} compiles to: npm run generate`);
}
