#!/usr/bin/env node
// Plain JavaScript, and committed: npm links a command only where its file exists, and dist does not before the first build.
import { existsSync } from 'node:fs';

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(`polymodal: Node ${process.versions.node} is too old; 20.19 or later is needed.\n`);
  process.exit(1);
}

// In a clone, sources may be newer than what was built from them (POLYMODAL_BUILD=never takes what there is); a published package has only dist.
if (
  process.env.POLYMODAL_BUILD !== 'never' &&
  existsSync(new URL('build-in-clone.js', import.meta.url)) &&
  existsSync(new URL('../src/main.ts', import.meta.url))
) {
  const { buildInClone } = await import('./build-in-clone.js');
  buildInClone();
}

const { main } = await import('../dist/main.js');
process.exitCode = await main(process.argv.slice(2));
