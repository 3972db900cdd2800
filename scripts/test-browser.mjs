#!/usr/bin/env node
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { bundleSuites, findSuites } from './browser/bundle.mjs';
import { findChromium, runInChromium } from './browser/chromium.mjs';
import { judge } from './browser/compare.mjs';
import { serve } from './browser/serve.mjs';
import { root, workspaces } from './workspaces.mjs';

/** Problems of one place that are told in full. */
const shownProblems = 10;

/**
 * Runs the browser suites of these workspaces (all of them by default) in Node, in a page and in a worker of headless Chromium, and says
 * what fails or differs. Undefined where there is no Chromium.
 */
export async function testBrowser({ filter = '', timeoutMs = 120_000, from = workspaces(), base = root, log = console.log } = {}) {
  const executable = findChromium();
  if (executable === undefined) {
    log('browser suites: not run (no Chromium)');
    return undefined;
  }
  const started = Date.now();
  const suites = findSuites(from, base).filter(({ name }) => name.includes(filter));
  const folder = await mkdtemp(join(tmpdir(), 'polymodal-browser-'));
  try {
    await Promise.all(['browser', 'node'].map((platform) => bundleSuites(suites, join(folder, platform), platform)));
    const server = await serve(join(folder, 'browser'));
    const node = (await import(pathToFileURL(join(folder, 'node/suites.js')).href)).run();
    const { version, places } = await runInChromium(executable, server.url, timeoutMs).finally(server.close);

    const reference = await node;
    const counts = { suites: suites.length, passed: 0, failed: 0, skipped: 0 };
    for (const [place, { outcomes, failure }] of Object.entries({ Node: { outcomes: reference }, ...places })) {
      const judged =
        failure === undefined
          ? judge(place, outcomes, reference)
          : { passed: 0, failed: 1, skipped: 0, problems: [`${place}: ${failure}`], notRun: [] };
      counts.passed += judged.passed;
      counts.failed += judged.failed;
      counts.skipped += judged.skipped;
      for (const line of judged.notRun) log(line);
      for (const problem of judged.problems.slice(0, shownProblems)) log(problem);
      if (judged.problems.length > shownProblems) log(`${place}: and ${judged.problems.length - shownProblems} more`);
    }
    const verdict = `${counts.passed} cases passed, ${counts.failed} failed${counts.skipped > 0 ? `, ${counts.skipped} not run` : ''}`;
    log(`browser suites: ${suites.length} in Node and in Chromium ${version} (page, worker): ${verdict}`);
    return { ...counts, seconds: (Date.now() - started) / 1000 };
  } finally {
    await rm(folder, { recursive: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const counts = await testBrowser({ filter: process.argv[2] });
  process.exitCode = counts !== undefined && counts.failed > 0 ? 1 : 0;
}
