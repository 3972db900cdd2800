import { existsSync, readFileSync } from 'node:fs';

const status = '/proc/self/status';

/**
 * The most memory that this process had resident, in bytes. Linux hands `maxRSS` of the process that starts another on to it, so that a test's
 * child would begin with the peak of the test runner; `VmHWM` counts from the new program on.
 */
export function peakResidentBytes(): number {
  const line = existsSync(status) ? /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(status, 'utf8')) : null;
  return (line ? Number(line[1]) : process.resourceUsage().maxRSS) * 1024;
}
