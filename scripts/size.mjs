#!/usr/bin/env node
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { asked } from '../.size-limit.mjs';
import { root } from './workspaces.mjs';

/** `npm run size`: the rows of .size-limit.mjs as one table of bytes; fails where a limit is passed. */

const { stdout, stderr } = spawnSync(process.execPath, [join(root, 'node_modules/size-limit/bin.js'), '--json'], {
  cwd: root,
  encoding: 'utf8',
});
// JSON follows the spinner's lines, if there are any.
const results = stdout.includes('[') ? JSON.parse(stdout.slice(stdout.indexOf('['))) : undefined;
if (!Array.isArray(results)) {
  console.error(`${stdout}${stderr}`);
  process.exit(1);
}
const width = Math.max(...results.map(({ name }) => name.length));
const line = (...cells) =>
  `${cells[0].padEnd(width)}${cells
    .slice(1)
    .map((cell) => String(cell).padStart(11))
    .join('')}`;
console.log(line('gzipped bytes', 'size', 'limit', 'left'));
for (const { name, size, sizeLimit, passed } of results) {
  console.log(line(name, size, sizeLimit ?? '', sizeLimit === undefined ? '' : sizeLimit - size) + (passed === false ? '  too large' : ''));
}
for (const { name, size } of results) {
  if (name in asked) console.log(`${name}: ${asked[name]} bytes were asked for, missed by ${size - asked[name]}`);
}
process.exitCode = results.some(({ passed }) => passed === false) ? 1 : 0;
