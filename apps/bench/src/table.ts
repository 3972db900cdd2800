import type { BenchResult } from './row.js';

const digits = (value: number): string => (Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3));
const figure = (value: number | null, unit: string): string => (value === null ? '–' : `${digits(value)} ${unit}`);

function figures(row: BenchResult): readonly [ours: string, peer: string] {
  return 'oursMs' in row ? [figure(row.oursMs, 'ms'), figure(row.peerMs, 'ms')] : [figure(row.oursMB, 'MB'), figure(row.peerMB, 'MB')];
}

function ratio({ ratio, interval }: BenchResult): string {
  if (ratio === null) return '–';
  return interval === null ? ratio.toFixed(2) : `${ratio.toFixed(2)} (${interval.map((value) => value.toFixed(2)).join('–')})`;
}

/** Lays the results out for a terminal. */
export function table(results: readonly BenchResult[]): string {
  const rows = [
    ['name', 'ours', 'peer', 'ratio', ''],
    ...results.map((row) => [row.name, ...figures(row), ratio(row), row.peer ?? row.note]),
  ];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, i) => (i > 0 && i < 4 ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
      .join('  ')
      .trimEnd();
  return rows.map(line).join('\n');
}
