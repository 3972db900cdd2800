import { type Dirent, existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

export const repository = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** A fenced block of TypeScript in a page. */
export interface Snippet {
  /** `docs/guide/errors.md:12`: the page and the line of the fence. */
  readonly at: string;
  /** The folder that its relative imports start from: the page's own, or what `<!-- snippet folder: test -->` names below it. */
  readonly folder: string;
  /** The code, with what a hidden comment before it declares and, for `ts continue`, the blocks that it goes on from. */
  readonly code: string;
  /** `ts run`: the code is executed too. */
  readonly run: boolean;
  /** The `text` block that follows a `ts run` block: what it prints. */
  readonly output: string | undefined;
}

/**
 * Reads the TypeScript blocks of a page.
 *
 * `<!-- snippet: declare const files: string[]; -->` anywhere since the last block declares what the next one takes for granted.
 * A block marked `ts continue` starts where the one before it ended.
 */
export function extractSnippets(markdown: string, path: string): Snippet[] {
  const parts = /<!-- snippet:\s([\s\S]*?)\s*-->|^<!-- snippet folder: (\S+) -->|^```(\w*)([^\n]*)\n([\s\S]*?)^```/gm;
  const snippets: Snippet[] = [];
  let hidden = '';
  let folder = dirname(path);
  for (const match of markdown.matchAll(parts)) {
    const [, declaration, below, language, flags = '', code = ''] = match;
    const last = snippets.at(-1);
    if (declaration !== undefined) hidden += `${declaration}\n`;
    else if (below !== undefined) folder = join(dirname(path), below);
    else if (language === 'ts' || language === 'typescript') {
      const line = markdown.slice(0, match.index).split('\n').length;
      const before = /\bcontinue\b/.test(flags) ? (last?.code ?? '') : '';
      snippets.push({ at: `${path}:${line}`, folder, code: `${before}${hidden}${code}`, run: /\brun\b/.test(flags), output: undefined });
      hidden = '';
    } else if (language === 'text' && last?.run && last.output === undefined) {
      snippets[snippets.length - 1] = { ...last, output: code };
    }
  }
  return snippets;
}

const ignored = new Set(['node_modules', 'dist', 'goldens', '.vitepress', '.turbo', '.git', '.changeset']);

/** Every page of the repository: READMEs and documentation, as paths from the root. */
export function pages(folder: string = repository): string[] {
  const inside = (entry: Dirent): string[] => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return ignored.has(entry.name) ? [] : pages(path);
    return entry.name.endsWith('.md') && entry.name !== 'CHANGELOG.md' ? [relative(repository, path)] : [];
  };
  return readdirSync(folder, { withFileTypes: true }).flatMap(inside).sort();
}

/** Compiles snippets against the packages' sources. Returns one line per error, each naming its page. */
export function compileSnippets(snippets: readonly Snippet[]): string[] {
  const config = ts.readConfigFile(join(repository, 'tsconfig.base.json'), ts.sys.readFile).config as { compilerOptions: object };
  const options: ts.CompilerOptions = {
    ...ts.convertCompilerOptionsFromJson(config.compilerOptions, repository).options,
    lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
    noUnusedLocals: false,
    noUnusedParameters: false,
    // A page shows an import beside the code that uses it, whether it is a type or a value.
    verbatimModuleSyntax: false,
  };
  const files = new Map(snippets.map((snippet, i) => [join(repository, snippet.folder, `snippet-${i}.ts`), snippet]));
  const host = ts.createCompilerHost(options);
  const parsed = new Map<string, ts.SourceFile | undefined>();
  const getSourceFile = host.getSourceFile.bind(host);
  const fileExists = host.fileExists.bind(host);
  const readFile = host.readFile.bind(host);
  host.fileExists = (name) => files.has(name) || fileExists(name);
  host.readFile = (name) => files.get(name)?.code ?? readFile(name);
  host.getSourceFile = (name, languageVersion) => {
    if (!parsed.has(name)) {
      const code = files.get(name)?.code;
      const file =
        code === undefined ? getSourceFile(name, languageVersion) : ts.createSourceFile(name, `${code}\nexport {};`, languageVersion);
      parsed.set(name, file);
    }
    return parsed.get(name);
  };
  // A module augmentation changes types for the whole program, so its page has a program of its own.
  const augments = (snippet: Snippet): boolean => snippet.code.includes('declare module');
  const plain = [...files].filter(([, snippet]) => !augments(snippet)).map(([name]) => name);
  const groups = [plain, ...[...files].filter(([, snippet]) => augments(snippet)).map(([name]) => [name])];
  return groups.flatMap((names) => {
    const program = ts.createProgram(names, options, host);
    return names.flatMap((name) => {
      const file = program.getSourceFile(name)!;
      const diagnostics = [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)];
      return diagnostics.map(({ start = 0, messageText }) => {
        const line = file.getLineAndCharacterOfPosition(start).line;
        return `${files.get(name)!.at}: ${ts.flattenDiagnosticMessageText(messageText, '\n')} in «${file.text.split('\n')[line]!.trim()}»`;
      });
    });
  });
}

/** All snippets of all pages. */
export function allSnippets(): Snippet[] {
  return pages().flatMap((path) =>
    existsSync(join(repository, path)) ? extractSnippets(readFileSync(join(repository, path), 'utf8'), path) : [],
  );
}
