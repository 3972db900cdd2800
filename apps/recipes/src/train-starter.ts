import { runCommand } from './run-command.js';
import { main } from './starter/train-starter.js';

const hint = 'Run the same command again to go on from the last checkpoint.';
process.exitCode = await runCommand('train:starter', main, process.argv.slice(2), hint);
