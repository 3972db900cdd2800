import { execFile } from 'node:child_process';
import { link, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { encodePng } from '../src/node.js';
import { goldenBytes } from './goldens.js';
import { noise } from './noise.js';

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const MEGABYTE = 2 ** 20;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'polymodal-10000-'));
  const write = async (name: string, bytes: Uint8Array) => {
    await writeFile(join(folder, name), bytes);
    return join(folder, name);
  };
  const small = [
    await write('rgb', await encodePng(noise(48, 32, 3))),
    await write('rgba', await encodePng(noise(40, 40, 4))),
    await write('grey', await encodePng(noise(64, 20, 1))),
    await write('gif', goldenBytes('source/palette_128x96.gif')),
  ];
  const large = await write('large', await encodePng({ data: new Uint8Array(1600 * 1200 * 3).fill(80), width: 1600, height: 1200 }));
  // Hundreds in each folder, as photographs lie; one large picture among a hundred.
  for (let i = 0; i < 10_000; i++) {
    const inner = join(folder, 'pictures', String(Math.floor(i / 500)).padStart(2, '0'));
    if (i % 500 === 0) await mkdir(inner, { recursive: true });
    await link(i % 100 === 50 ? large : small[i % small.length]!, join(inner, `${i}.png`));
  }
}, 60_000);
afterAll(() => rm(folder, { recursive: true }));

test('a folder of 10,000 pictures streams in constant memory', async () => {
  const loader = ['--conditions=@polymodal/source', '--expose-gc', '--import', path('../../../scripts/source-loader.mjs')];
  const script = [path('folder-memory.ts'), join(folder, 'pictures'), '1000,10000'];
  const { stdout } = await promisify(execFile)(process.execPath, [...loader, ...script]);
  const { count, measurements } = JSON.parse(stdout);
  const [early, late] = measurements;
  expect(count).toBe(10_000);
  // Were pictures kept, this is what memory would grow by.
  expect(late.decoded - early.decoded).toBeGreaterThan(500 * MEGABYTE);
  expect(late.own - early.own).toBeLessThan(32 * MEGABYTE);
  expect(late.resident - early.resident).toBeLessThan(100 * MEGABYTE);
}, 120_000);
