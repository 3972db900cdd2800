import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A jest reporter that leaves a package's counts in `.test-totals.json`, where `npm test` adds them up (turbo brings the file back on a cache hit). */
export default class TotalsReporter {
  constructor(globalConfig) {
    this.path = join(globalConfig.rootDir, '.test-totals.json');
  }

  onRunComplete(_contexts, results) {
    const totals = {
      suites: results.numTotalTestSuites,
      passed: results.numPassedTests,
      // A suite that cannot be loaded has no tests to fail, so it counts as one failure.
      failed: results.numFailedTests + results.numRuntimeErrorTestSuites,
      skipped: results.numPendingTests + results.numTodoTests,
      seconds: (Date.now() - results.startTime) / 1000,
    };
    writeFileSync(this.path, `${JSON.stringify(totals)}\n`);
  }
}
