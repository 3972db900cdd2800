import type { BenchResult } from './row.js';

const milliseconds = (value: number | null): string => (value === null ? '–' : value >= 100 ? value.toFixed(0) : value.toPrecision(3));

/** Lays the results out for a terminal. */
export function table(results: readonly BenchResult[]): string {
  const rows = [
    ['name', 'ours ms', 'peer ms', 'ratio', 'peer'],
    ...results.map((row) => [
      row.name,
      milliseconds(row.oursMs),
      milliseconds(row.peerMs),
      row.ratio?.toFixed(2) ?? '–',
      row.peer ?? row.note,
    ]),
  ];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, i) => (i > 0 && i < 4 ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
      .join('  ')
      .trimEnd();
  return rows.map(line).join('\n');
}
