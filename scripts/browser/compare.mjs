/** How many characters around a difference are shown. */
const around = 60;

/**
 * What is wrong with the outcomes of one place: cases that failed, and results that are not those of Node. What failed in Node in the same
 * way counts, but is told once.
 * @returns {{ passed: number, failed: number, problems: string[] }}
 */
export function judge(place, outcomes, reference) {
  const problems = [];
  let passed = 0;
  let repeated = 0;
  const expected = new Map(reference.map((outcome) => [`${outcome.suite}: ${outcome.name}`, outcome]));
  for (const { suite, name, error, result } of outcomes) {
    const title = `${suite}: ${name}`;
    const node = expected.get(title);
    expected.delete(title);
    if (error !== undefined && reference !== outcomes && firstLine(error) === firstLine(node?.error)) repeated++;
    else if (error !== undefined) problems.push(`${place}: ${title}\n  ${error.replaceAll('\n', '\n  ')}`);
    else if (node === undefined) problems.push(`${place}: ${title}\n  Node has no such case`);
    else if (node.error === undefined && node.result !== result) problems.push(`${place}: ${title}\n  ${difference(result, node.result)}`);
    else passed++;
  }
  for (const title of expected.keys()) problems.push(`${place}: ${title}\n  ran in Node alone`);
  return { passed, failed: problems.length + repeated, problems };
}

function firstLine(error) {
  return error?.split('\n', 1)[0];
}

function difference(here, node) {
  const [a, b] = [String(here), String(node)];
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  const show = (text) => `${at > around ? '…' : ''}${text.slice(Math.max(0, at - around), at + around)}`;
  return `differs from Node at character ${at} of its result:\n  here: ${show(a)}\n  Node: ${show(b)}`;
}
