import { parseArgs } from 'node:util';
import type { BenchResult, BenchRow } from './row.js';
import { table } from './table.js';

const rows: readonly BenchRow[] = [];

const { values } = parseArgs({ options: { json: { type: 'boolean', default: false }, only: { type: 'string' } } });
const wanted = new RegExp(values.only ?? '');
const results: BenchResult[] = [];
for (const row of rows.filter(({ name }) => wanted.test(name))) {
  process.stderr.write(`${row.name}: ${row.work}\n`);
  results.push({ name: row.name, work: row.work, ...(await row.measure()) });
}
process.stdout.write(values.json ? `${JSON.stringify(results, null, 2)}\n` : `${table(results)}\n`);
