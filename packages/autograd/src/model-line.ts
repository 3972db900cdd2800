const folderOf = (file: string): string => file.slice(0, file.lastIndexOf('/') + 1);

/** Stacks name files by path or by URL, from one module to the next. */
const withoutScheme = (file: string): string => file.replace(/^file:\/\//, '');

/** Whether a file is this package's, or that of a sibling in `node_modules` or a workspace: a layer that calls an operator is not the user's. */
function isOurs(file: string): boolean {
  const own = folderOf(withoutScheme(import.meta.url)); // …/autograd/src/ or …/autograd/dist/
  if (file.startsWith(own)) return true;
  const siblings = folderOf(folderOf(own.slice(0, -1)).slice(0, -1));
  return file.startsWith(siblings) && /^[\w-]+\/(?:src|dist)\//.test(file.slice(siblings.length));
}

/**
 * The first line outside these packages in a stack, `file:line:column`: where the user's model built what failed. Undefined where there is
 * none, as in a bundle that holds everything.
 */
function modelLine(stack: string | undefined): string | undefined {
  for (const line of (stack ?? '').split('\n')) {
    // Chromium and Node write `at f (file:1:2)` or `at file:1:2`, Firefox and Safari `f@file:1:2`.
    const place = /(?:\(|at (?:async )?|@)((?:[a-z]+:\/\/|\/|[A-Z]:\\)[^()]*?:\d+:\d+)\)?$/.exec(line.trim())?.[1];
    if (place !== undefined && !isOurs(withoutScheme(place))) return place;
  }
  return undefined;
}

/** {@link modelLine} of the caller's stack. Only errors ask for it, so building expressions costs nothing. */
export function callerLine(): string | undefined {
  // Nested layers are deeper than the ten frames that V8 keeps. Where the limit cannot be changed, those must do.
  const limit = Error.stackTraceLimit;
  Reflect.set(Error, 'stackTraceLimit', 100);
  const { stack } = new Error();
  Reflect.set(Error, 'stackTraceLimit', limit);
  return modelLine(stack);
}
