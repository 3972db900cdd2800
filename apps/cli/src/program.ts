import { Command } from 'commander';
import { demo } from './commands/demo.js';
import { indexFolder } from './commands/index-folder.js';
import { info } from './commands/info.js';
import { search } from './commands/search.js';
import { defaultIndex, parseK } from './options.js';
import { version } from './version.js';

const exitCodes = `
Exit codes: 0 done; 1 failed; 2 wrong command line; 3 some files were left out, the rest are indexed; 130 interrupted.
Errors are one line on stderr; with --json also { "error": { "code", "message" } } on stdout. POLYMODAL_DEBUG=1 adds the stack.`;

/** The command line. `finish` is told the exit code of the command that ran. */
export function program(signal: AbortSignal, finish: (code: number) => void): Command {
  const root = new Command('polymodal')
    .description('Search pictures by words, in English or Chinese, or by another picture. Nothing leaves the machine.')
    .version(version())
    .exitOverride()
    .showSuggestionAfterError()
    .addHelpText(
      'after',
      `
Examples:
  $ polymodal index ./pictures
  $ polymodal search "something to eat for breakfast"
  $ polymodal search 下雨天 --k 20
  $ polymodal search --image cat.png --json | jq .
${exitCodes}`,
    );

  const sub = (name: string, description: string) =>
    root
      .command(name)
      .description(description)
      .option('--model <folder>', 'a CLIP model in the layout of the Hugging Face hub (default: the starter, which is built in)')
      .option('--json', 'print JSON on stdout and nothing else', false);
  const withIndex = (command: Command) => command.option('--index <file>', 'the index file', defaultIndex);

  withIndex(sub('index', 'index the pictures in a folder and below; run again, it looks only at what is new or changed'))
    .argument('<folder>', 'the folder of pictures')
    .option('--force', 'replace an index that is damaged or was made by another model', false)
    .addHelpText('after', example('polymodal index ./pictures', 'polymodal index ./pictures --index pictures.index --json'))
    .action(async (folder, options) => finish(await indexFolder(folder, options, signal)));

  withIndex(sub('search', 'find the indexed pictures most like some words or a picture'))
    .argument('[text...]', 'words; - reads them from stdin')
    .option('--image <file>', 'search by this picture instead')
    .option('--k <number>', 'how many to show', parseK, 12)
    .addHelpText('after', example('polymodal search "a red heart"', 'polymodal search --image cat.png --k 5'))
    .action(async (words, options) => finish(await search(words, options, signal)));

  withIndex(sub('info', 'show versions, the model and its measured quality, and what the index holds'))
    .addHelpText('after', example('polymodal info --json'))
    .action(async (options) => finish(await info(options)));

  sub('demo', 'search 1,322 emoji pictures that the model never saw, and write a contact sheet (in a clone of the repository)')
    .option('--out <folder>', 'where the contact sheet goes', 'demo-output')
    .addHelpText('after', example('polymodal demo'))
    .action(async (options) => finish(await demo(options, signal)));

  return root;
}

function example(...commands: string[]): string {
  return `\nExamples:\n${commands.map((command) => `  $ ${command}`).join('\n')}\n${exitCodes}`;
}
