#!/usr/bin/env node
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';
import { browserPeers, layers, pure, scope } from './layers.mjs';
import { root as repository, workspaces } from './workspaces.mjs';

const nodeGlobals = new Set(['process', 'Buffer', '__dirname', '__filename', 'require', 'global', 'setImmediate', 'clearImmediate']);
const sourceFile = /\.(ts|mts|tsx|js|mjs)$/;
const testFile = /(\.test|\.test-d|\.bench)\.[a-z]+$|(^|\/)(goldens|corpus)\//;
const isBuiltin = (name) => name.startsWith('node:') || builtinModules.includes(name.split('/')[0]);
const packageOf = (specifier) => specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
const posix = (path) => path.split(sep).join('/');

/** The shipped source files of a workspace: `src` and `bin`, without tests and golden data. */
function sourcesOf(folder) {
  const files = [];
  for (const part of ['src', 'bin']) {
    if (!existsSync(join(folder, part))) continue;
    for (const entry of readdirSync(join(folder, part), { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath ?? entry.path, entry.name);
      if (entry.isFile() && sourceFile.test(entry.name) && !testFile.test(posix(relative(folder, path)))) files.push(path);
    }
  }
  return files.sort();
}

/** Calls `visit` on every node below `node`. */
function walk(node, visit) {
  visit(node);
  ts.forEachChild(node, (child) => walk(child, visit));
}

/** The module a node names, if it names one: any form of import, export from, require, import.meta.resolve, or a type's `import()`. */
function importAt(node) {
  if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier && ts.isStringLiteral(node.moduleSpecifier)) {
    const typeOnly = ts.isImportDeclaration(node) ? node.importClause?.isTypeOnly : node.isTypeOnly;
    return { specifier: node.moduleSpecifier.text, form: typeOnly ? 'type' : 'static' };
  }
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument) && ts.isStringLiteral(node.argument.literal)) {
    return { specifier: node.argument.literal.text, form: 'type' };
  }
  if (ts.isImportEqualsDeclaration(node) && ts.isExternalModuleReference(node.moduleReference)) {
    const target = node.moduleReference.expression;
    return ts.isStringLiteral(target) ? { specifier: target.text, form: 'static' } : undefined;
  }
  if (ts.isModuleDeclaration(node) && ts.isStringLiteral(node.name)) return { specifier: node.name.text, form: 'static' };
  if (ts.isCallExpression(node) && node.arguments.length > 0 && ts.isStringLiteralLike(node.arguments[0])) {
    const callee = node.expression.getText();
    const loads =
      node.expression.kind === ts.SyntaxKind.ImportKeyword || ['require', 'require.resolve', 'import.meta.resolve'].includes(callee);
    if (loads) return { specifier: node.arguments[0].text, form: 'dynamic' };
  }
  return undefined;
}

/** True where an identifier only names a member (`part.process`, `{ process() {} }`), so that it is no use of a global. */
function namesMember(node) {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.name === node && parent.expression.getText() !== 'globalThis';
  if (ts.isQualifiedName(parent)) return parent.right === node;
  if (ts.isBindingElement(parent)) return parent.propertyName === node;
  if (ts.isImportSpecifier(parent) || ts.isExportSpecifier(parent)) return true;
  return 'name' in parent && parent.name === node && !ts.isShorthandPropertyAssignment(parent);
}

/** The Node globals that a file uses and does not itself declare, each with the node of its first use. */
function nodeGlobalsIn(file) {
  const declared = new Set();
  const used = new Map();
  walk(file, (node) => {
    const binds = ts.isVariableDeclaration(node) || ts.isParameter(node) || ts.isBindingElement(node) || ts.isFunctionDeclaration(node);
    if (binds && node.name && ts.isIdentifier(node.name)) declared.add(node.name.text);
    if (ts.isIdentifier(node) && nodeGlobals.has(node.text) && !namesMember(node) && !used.has(node.text)) used.set(node.text, node);
  });
  return [...used].filter(([name]) => !declared.has(name));
}

/**
 * Checks every workspace under `root` against the layers.
 * @returns {string[]} one line for each violation, `file:line what is wrong; what to do`
 */
export function checkLayers(root) {
  const problems = [];
  const all = workspaces(root);
  const isOurs = (name) => name.startsWith(scope) || all.some(({ manifest }) => manifest.name === name);

  for (const { path: workspace, folder, manifest } of all) {
    const row = layers[workspace];
    if (!row) {
      problems.push(`${workspace}/package.json: this workspace has no row in scripts/layers.mjs; add one that says what it may import`);
      continue;
    }
    const allowed = (name) => row.mayImport === 'all' || row.mayImport.some((other) => scope + other === name);
    const rule =
      row.mayImport === 'all' ? 'anything' : row.mayImport.map((name) => scope + name).join(', ') || 'no other package of this repository';
    const runtime = { ...manifest.dependencies, ...manifest.peerDependencies, ...manifest.optionalDependencies };
    // What an application loads on demand or for its types alone need not come with it: the demo's data, say, which only a clone has.
    const onDemand = workspace.startsWith('apps/') ? { ...runtime, ...manifest.devDependencies } : runtime;

    for (const name of Object.keys(runtime)) {
      if (isOurs(name) && !allowed(name)) {
        problems.push(`${workspace}/package.json: depends on ${name}, but its layer (${row.layer}) may import ${rule}`);
      }
    }
    if (pure.has(workspace)) {
      for (const name of Object.keys(manifest.dependencies ?? {})) {
        if (!isOurs(name))
          problems.push(
            `${workspace}/package.json: depends on ${name}, but ${row.layer} have no run-time dependency beyond the contract; make it an optional peer`,
          );
      }
    }

    for (const path of sourcesOf(folder)) {
      const shown = posix(relative(root, path));
      const inNode = /^src\/node(\.ts$|\/)/.test(posix(relative(folder, path)));
      const file = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true);
      const report = (node, text) => problems.push(`${shown}:${file.getLineAndCharacterOfPosition(node.getStart()).line + 1} ${text}`);

      walk(file, (node) => {
        const found = importAt(node);
        if (found) checkImport(found, node, { path, inNode, report });
      });
      if (pure.has(workspace) && !inNode) {
        for (const [name, node] of nodeGlobalsIn(file))
          report(node, `uses ${name}, which only Node has; move it under src/node or take it as a parameter`);
      }
      if (workspace.startsWith('packages/') && posix(relative(folder, path)) === 'src/index.ts') checkIndex(file, report);
    }

    function checkImport({ specifier, form }, node, { path, inNode, report }) {
      if (specifier.startsWith('.')) {
        const target = resolve(dirname(path), specifier);
        if (relative(folder, target).startsWith('..'))
          report(node, `reaches out of its own package to ${specifier}; import the other package by its name`);
        else if (pure.has(workspace) && !inNode && /^src\/node(\.js$|\.ts$|\/)/.test(posix(relative(folder, target)))) {
          report(node, `imports ${specifier} outside src/node, which would bring Node into the browser; turn the dependency around`);
        }
        return;
      }
      if (isBuiltin(specifier)) {
        if (pure.has(workspace) && !inNode)
          report(node, `imports ${specifier}, which only Node has; move it under src/node or take it as a parameter`);
        return;
      }
      const name = packageOf(specifier);
      if (name === manifest.name) return;
      if (isOurs(name)) {
        if (!allowed(name)) report(node, `imports ${name}, but its layer (${row.layer}) may import ${rule}`);
        else if (!(name in (form === 'static' ? runtime : onDemand)))
          report(node, `imports ${name}, which its package.json lists neither in dependencies nor in peerDependencies`);
        return;
      }
      const loadable = inNode || browserPeers[posix(relative(root, path))] === name;
      if (pure.has(workspace) && (!loadable || form !== 'dynamic')) {
        report(node, `imports ${name}; ${row.layer} load third-party packages dynamically, under src/node, or take them as a parameter`);
      } else if (workspace.startsWith('packages/') && form !== 'dynamic' && /^onnxruntime-/.test(name)) {
        report(node, `imports ${name}; the runtime is passed in by the caller, so no library package imports one`);
      }
    }
  }
  return problems;
}

/** `src/index.ts` is a table of contents: `export { a } from`, `export type { T } from`, `export * as ns from`, nothing else. */
function checkIndex(file, report) {
  for (const statement of file.statements) {
    const named = ts.isExportDeclaration(statement) && statement.moduleSpecifier && statement.exportClause;
    if (!named)
      report(statement, 'is not a named re-export; src/index.ts is a table of contents (export { a } from "./a.js") and nothing else');
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const problems = checkLayers(repository);
  for (const problem of problems) console.error(problem);
  console.log(problems.length === 0 ? `layers: ${workspaces().length} workspaces keep to theirs` : `layers: ${problems.length} problems`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
