import { readFileSync } from 'node:fs';
import { type Subject, subjects } from './text-subjects.js';

// A process of its own for one measurement: node text-cold.js SUBJECT FILE prints the milliseconds of import, build and first use together.
const [name, file] = process.argv.slice(2);
const subject = subjects[name as Subject];
const texts: string[] = JSON.parse(readFileSync(file!, 'utf8'));
const start = performance.now();
const encode = await subject.load();
await encode(texts);
process.stdout.write(String(performance.now() - start));
