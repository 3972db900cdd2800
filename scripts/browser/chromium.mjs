import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';

const flags = [
  'disable-gpu',
  'disable-quic',
  'no-first-run',
  'disable-background-networking',
  'disable-component-update',
  'disable-sync',
  // WebGPU in software, the same on every machine.
  'enable-unsafe-webgpu',
  'use-webgpu-adapter=swiftshader',
];

/** Where Chromium is: CHROMIUM_PATH if it is set, else Debian's; undefined where there is none. */
export function findChromium(path = process.env.CHROMIUM_PATH || '/usr/bin/chromium') {
  return existsSync(path) ? path : undefined;
}

/**
 * Runs bundled suites in a page and in a module worker of headless Chromium.
 * @returns {Promise<{ version: string, places: Record<string, { outcomes?: object[], failure?: string }> }>}
 */
export async function runInChromium(executablePath, url, timeoutMs) {
  const browser = await chromium.launch({ executablePath, chromiumSandbox: false, args: flags.map((flag) => `--${flag}`) });
  try {
    const places = {};
    for (const [place, run, script] of [
      ['page', runInPage, 'suites.js'],
      ['worker', runInWorker, 'suites-worker.js'],
    ]) {
      const page = await browser.newPage();
      let last = 'none';
      page.on('console', (message) => {
        if (message.type() === 'debug') last = message.text();
      });
      const crashed = new Promise((_, reject) => page.on('crash', () => reject(new Error('the page crashed'))));
      let timer;
      const late = new Promise((_, reject) => {
        timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs / 1000} s`)), timeoutMs);
      });
      try {
        await page.goto(url);
        places[place] = { outcomes: await Promise.race([page.evaluate(run, `${url}${script}`), crashed, late]) };
      } catch (error) {
        places[place] = { failure: `${error.message}; the last case that began: ${last}` };
      } finally {
        clearTimeout(timer);
      }
    }
    return { version: browser.version(), places };
  } finally {
    await browser.close();
  }
}

/* These two run in the browser. */

async function runInPage(script) {
  return (await import(script)).run((title) => console.debug(title));
}

function runInWorker(script) {
  return new Promise((resolve, reject) => {
    const worker = new Worker(script, { type: 'module' });
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = ({ message }) => reject(new Error(`the worker failed: ${message || 'its script did not load'}`));
  });
}
