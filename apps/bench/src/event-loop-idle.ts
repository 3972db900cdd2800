import { watchEventLoop } from './event-loop.js';

// A process of its own that does nothing: prints how late its event loop was, from its start until its input ends. What it shows is the
// machine's doing, other processes and pauses of a virtual machine, and not that of what is measured beside it.
const stop = watchEventLoop();
process.stdin.on('end', () => process.stdout.write(JSON.stringify(stop()))).resume();
