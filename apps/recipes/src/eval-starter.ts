import { runCommand } from './run-command.js';
import { main } from './starter/eval-starter.js';

process.exitCode = await runCommand('eval:starter', main, process.argv.slice(2), 'Nothing was written.');
