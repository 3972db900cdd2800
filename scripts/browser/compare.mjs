/** How many characters around a difference are shown. */
const around = 60;

/**
 * What is wrong with the outcomes of one place: cases that failed, and results that are not those of Node. What failed in Node in the same
 * way counts, but is told once. A case whose place lacks what it needs is told too, and is neither passed nor failed.
 * @returns {{ passed: number, failed: number, skipped: number, problems: string[], notRun: string[] }}
 */
export function judge(place, outcomes, reference) {
  const problems = [];
  const notRun = [];
  let passed = 0;
  let repeated = 0;
  const expected = new Map(reference.map((outcome) => [`${outcome.suite}: ${outcome.name}`, outcome]));
  for (const { suite, name, error, lacks, result, tolerance } of outcomes) {
    const title = `${suite}: ${name}`;
    const node = expected.get(title);
    expected.delete(title);
    if (lacks !== undefined && (node !== undefined || reference === outcomes)) notRun.push(`${place}: ${title}: not run (${lacks})`);
    else if (error !== undefined && reference !== outcomes && firstLine(error) === firstLine(node?.error)) repeated++;
    else if (error !== undefined) problems.push(`${place}: ${title}\n  ${error.replaceAll('\n', '\n  ')}`);
    else if (node === undefined) problems.push(`${place}: ${title}\n  Node has no such case`);
    else if (node.lacks !== undefined)
      problems.push(`${place}: ${title}\n  did not run in Node (${node.lacks}), so there is nothing to compare with`);
    else if (node.error === undefined && !agree(result, node.result, tolerance))
      problems.push(`${place}: ${title}\n  ${difference(result, node.result)}`);
    else passed++;
  }
  for (const title of expected.keys()) problems.push(`${place}: ${title}\n  ran in Node alone`);
  return { passed, failed: problems.length + repeated, skipped: notRun.length, problems, notRun };
}

function firstLine(error) {
  return error?.split('\n', 1)[0];
}

/** Whether two results are the same text or, with a tolerance, the same lists of numbers to within it. */
function agree(here, node, tolerance) {
  if (here === node || tolerance === undefined) return here === node;
  const [a, b] = [JSON.parse(here), JSON.parse(node)];
  return a.length === b.length && a.every((number, i) => Math.abs(number - b[i]) <= tolerance);
}

function difference(here, node) {
  const [a, b] = [String(here), String(node)];
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  const show = (text) => `${at > around ? '…' : ''}${text.slice(Math.max(0, at - around), at + around)}`;
  return `differs from Node at character ${at} of its result:\n  here: ${show(a)}\n  Node: ${show(b)}`;
}
