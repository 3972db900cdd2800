/**
 * Runs suites where it stands: in Node, in a page, in a worker. What a case returns is sent home as text, so that places can be compared.
 * @param {Record<string, () => Promise<{ default?: readonly { name: string, run(): unknown, lacks?(): unknown, tolerance?: number }[] }>>} suites
 * @param {(title: string) => void} [begin] told of each case before it runs, so that one that never ends can be named
 * @returns {Promise<{ suite: string, name: string, error?: string, lacks?: string, result?: string, tolerance?: number }[]>}
 */
export async function runSuites(suites, begin) {
  const outcomes = [];
  for (const [suite, load] of Object.entries(suites)) {
    let cases;
    try {
      cases = (await load()).default;
      if (!Array.isArray(cases) || cases.length === 0) throw new Error('its default export is no list of cases');
    } catch (error) {
      outcomes.push({ suite, name: 'loads', error: tell(error) });
      continue;
    }
    for (const { name, run, lacks, tolerance } of cases) {
      begin?.(`${suite}: ${name}`);
      try {
        const missing = await lacks?.();
        if (missing !== undefined) outcomes.push({ suite, name, lacks: missing });
        else outcomes.push({ suite, name, tolerance, result: JSON.stringify(await plain(await run())) });
      } catch (error) {
        outcomes.push({ suite, name, error: tell(error) });
      }
    }
  }
  return outcomes;
}

function tell(error) {
  if (!(error instanceof Error)) return `threw ${String(error)}`;
  const stack = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return [`${error.name}: ${error.message}`, ...stack.slice(0, 3)].join('\n');
}

/** A JSON form that keeps apart what JSON does not; numeric data as their type, length and SHA-256. */
async function plain(value) {
  if (ArrayBuffer.isView(value)) {
    const hash = new Uint8Array(
      await crypto.subtle.digest('SHA-256', value.buffer.slice(value.byteOffset, value.byteOffset + value.byteLength)),
    );
    const hex = Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
    return `${value.constructor.name} of ${value.byteLength} bytes, SHA-256 ${hex}`;
  }
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0))) return Object.is(value, -0) ? '-0' : String(value);
  if (Array.isArray(value)) return Promise.all(value.map(plain));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(await Promise.all(Object.entries(value).map(async ([key, item]) => [key, await plain(item)])));
}
