import type { ChildProcess } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { loadConcepts } from '@polymodal/recipes/emoji';
import { loadIndex } from '@polymodal/retrieval/node';
import { type Finished, polymodal, type RunOptions } from './command.js';
import { writeTinyModel } from './tiny-model.js';

const concepts = loadConcepts();
const top = mkdtempSync(join(tmpdir(), 'polymodal-cli-'));
const model = join(top, 'model');
const otherModel = join(top, 'other-model');
let cwd: string;

beforeAll(async () => {
  await Promise.all([writeTinyModel(model, 1), writeTinyModel(otherModel, 2)]);
  // In a clone, the first call builds what is missing.
  expect(await polymodal(['--version'], { cwd: top })).toMatchObject({ code: 0, stdout: '0.0.0\n' });
}, 300_000);
afterAll(() => rmSync(top, { recursive: true, force: true }));
beforeEach(() => {
  cwd = mkdtempSync(join(top, 'run-'));
});

const run = (args: string, options: Partial<RunOptions> = {}) => {
  const list = args.split(' ').filter((arg) => arg !== '');
  return polymodal(/^(index|search|info|demo)$/.test(list[0]!) ? [...list, '--model', model] : list, { cwd, ...options });
};
const pictures = (count: number, folder = 'pictures') => {
  mkdirSync(join(cwd, folder), { recursive: true });
  for (const { files, hexcode } of concepts.slice(0, count)) copyFileSync(files.noto, join(cwd, folder, `${hexcode}.png`));
};
const indexFile = () => join(cwd, '.polymodal', 'index.bin');
const size = async () => (await loadIndex(indexFile())).size();
/** One clear line with the code, no stack, and nothing on stdout. */
const expectError = ({ code, stdout, stderr }: Finished, exit: number, errorCode: string, text = '') => {
  expect(stderr).toMatch(new RegExp(`^polymodal: \\w+ \\[${errorCode}\\]: .*\n$`, 'm'));
  expect(stderr).toContain(text);
  expect(stderr).not.toMatch(/\n\s+at /);
  expect(stdout).toBe('');
  expect(code).toBe(exit);
};

describe('index and search', () => {
  test('finds pictures by words and by a picture, as a table and as JSON', async () => {
    pictures(12);
    const indexed = await run('index pictures');
    expect(indexed).toMatchObject({ code: 0, stderr: 'Indexing 12 pictures …\n' });
    expect(indexed.stdout).toContain('12 pictures added, 0 unchanged, 0 removed');

    const table = await run('search a red heart --k 3');
    expect(table).toMatchObject({ code: 0, stderr: '' });
    expect(table.stdout).toMatch(/^( +[123] {2}-?0\.\d{3} {2}pictures.1F[0-9A-F-]+\.png\n){3}$/);

    const query = join('pictures', readdirSync(join(cwd, 'pictures'))[4]!);
    const { stdout, stderr } = await run(`search --image ${query} --k 100 --json`);
    const found = JSON.parse(stdout);
    expect(stderr).toBe('');
    expect(found.query).toEqual({ image: query });
    expect(found.hits).toHaveLength(12);
    expect(found.hits[0]).toMatchObject({ rank: 1, id: join(cwd, query), score: expect.closeTo(1, 5) });
    expect(JSON.parse((await run('search 下雨天 --json')).stdout).query).toEqual({ text: '下雨天' });
    expect((await run('search - --json', { input: 'from stdin\n' })).stdout).toContain('{"text":"from stdin"}');
  });

  test('a second run looks only at what is new or changed, and forgets what has gone', async () => {
    pictures(6);
    await run('index pictures');
    const [first, second, third] = readdirSync(join(cwd, 'pictures')) as [string, string, string];
    rmSync(join(cwd, 'pictures', first));
    renameSync(join(cwd, 'pictures', second), join(cwd, 'pictures', 'moved.png'));
    copyFileSync(concepts[20]!.files.noto, join(cwd, 'pictures', third));
    expect(JSON.parse((await run('index pictures --json')).stdout)).toMatchObject({
      size: 5,
      added: 2,
      unchanged: 3,
      removed: 2,
      failed: [],
    });
    // Another folder adds to the index and removes nothing.
    pictures(2, 'more');
    expect(JSON.parse((await run('index more --json')).stdout)).toMatchObject({ size: 7, added: 2, removed: 0 });
  });

  test('info tells what there is', async () => {
    expect(JSON.parse((await run('info --json')).stdout)).toMatchObject({
      model: { space: { name: 'tiny-1' }, width: 16, quality: null },
      index: null,
    });
    pictures(2);
    await run('index pictures');
    const { index, model: used } = JSON.parse((await run('info --json')).stdout);
    expect(index).toMatchObject({ size: 2, space: used.space, usable: true });
    expect((await run('info')).stdout).toContain('2 pictures');
  });
});

describe('the model that is built in', () => {
  const inCwd = (...args: string[]) => polymodal(args, { cwd });

  test('knows pictures that it never saw by their names, in both languages', async () => {
    pictures(0);
    const shown = ['1F355', '1F682', '1F33B', '1F427', '1F319', '1F393'];
    for (const { hexcode, files } of concepts)
      if (shown.includes(hexcode)) copyFileSync(files.noto, join(cwd, 'pictures', `${hexcode}.png`));
    expect((await inCwd('index', 'pictures')).code).toBe(0);
    for (const [query, hexcode] of [
      ['a slice of pizza', '1F355'],
      ['penguin', '1F427'],
      ['向日葵', '1F33B'],
      ['月亮', '1F319'],
    ] as const) {
      const { hits } = JSON.parse((await inCwd('search', query, '--json')).stdout);
      expect(hits[0].id).toBe(join(cwd, 'pictures', `${hexcode}.png`));
    }
  });

  test('comes with its measured quality', async () => {
    expect((await inCwd('info')).stdout).toMatch(/English → picture +\d\d\.\d % +\d\d\.\d % +\d\d\.\d %/);
  });
});

describe('the command line', () => {
  test('help has examples and exit codes', async () => {
    for (const args of ['--help', 'help index', 'search --help', 'demo --help']) {
      const { code, stdout } = await run(args.replace(/^(search|demo)/, 'help $1').replace(' --help', ''));
      expect(code).toBe(0);
      expect(stdout).toMatch(/Examples:\n {2}\$ polymodal[\s\S]*Exit codes: 0 done/);
    }
  });

  test('mistakes exit with 2 and say what was meant', async () => {
    expect(await run('serach x')).toMatchObject({ code: 2, stderr: expect.stringContaining('Did you mean search?') });
    expect(await run('index')).toMatchObject({ code: 2, stderr: expect.stringContaining("missing required argument 'folder'") });
    for (const k of ['0', '-1', 'many', '1e9']) expect(await run(`search x --k ${k}`)).toMatchObject({ code: 2, stdout: '' });
    expect(await run('search x --colour red')).toMatchObject({ code: 2 });
    expectError(await run('search'), 2, 'QUERY_MISSING');
    expectError(await run('search x --image y.png'), 2, 'QUERY_TWICE');
  });

  test('with --json an error is JSON on stdout, too; POLYMODAL_DEBUG adds the stack', async () => {
    const { code, stdout, stderr } = await run('search x --json');
    expect(JSON.parse(stdout)).toEqual({ error: { code: 'INDEX_MISSING', message: expect.stringContaining('polymodal index') } });
    expect(stderr).toMatch(/^polymodal: CliError \[INDEX_MISSING\].*\n$/);
    expect(code).toBe(1);
    expect((await run('search x', { env: { POLYMODAL_DEBUG: '1' } })).stderr).toMatch(/\n\s+at .*\nCaused by: /s);
  });
});

describe('bad input', () => {
  test('folders without pictures, or not there, or not folders', async () => {
    mkdirSync(join(cwd, 'empty', '.hidden'), { recursive: true });
    writeFileSync(join(cwd, 'empty', 'notes.txt'), 'no picture');
    expectError(await run('index empty'), 1, 'PICTURES_NONE', 'the folder empty has no pictures');
    expectError(await run('index absent'), 1, 'FOLDER_MISSING');
    expectError(await run('index empty/notes.txt'), 1, 'FOLDER_MISSING');
    expect(readdirSync(cwd)).toEqual(['empty']);
  });

  test('bad pictures among good ones are reported and left out, and the rest indexed', async () => {
    pictures(3);
    const good = readFileSync(concepts[0]!.files.noto);
    const write = (name: string, data: Uint8Array | string) => writeFileSync(join(cwd, 'pictures', name), data);
    write('no-picture.png', 'these are words');
    write('cut-short.png', good.subarray(0, good.length >> 1));
    write('empty.jpg', '');
    write('huge.png', hugePng());
    const expected = {
      'cut-short.png': 'IMAGE_TRUNCATED',
      'empty.jpg': 'IMAGE_EMPTY',
      'huge.png': 'IMAGE_TOO_LARGE',
      'no-picture.png': 'IMAGE_UNKNOWN_FORMAT',
    };

    const json = await run('index pictures --json');
    const { failed, added } = JSON.parse(json.stdout) as { added: number; failed: { id: string; code: string }[] };
    expect(Object.fromEntries(failed.map(({ id, code }) => [id.slice(join(cwd, 'pictures').length + 1), code]))).toEqual(expected);
    expect([json.code, added]).toEqual([3, 3]);

    const again = await run('index pictures');
    expect(again.stdout).toContain('4 files left out:');
    expect(again.stdout).toMatch(/huge\.png: IMAGE_TOO_LARGE: .*60000×60000/);
    expect(again.code).toBe(3);
    expect(await size()).toBe(3);
    for (const file of Object.keys(expected)) expect((await run(`search --image pictures/${file}`)).code).toBe(1);

    mkdirSync(join(cwd, 'bad'));
    writeFileSync(join(cwd, 'bad', 'empty.png'), '');
    expect((await run('index bad --index bad.index')).code).toBe(1);
  });

  test('an index of another model is refused, naming both, until --force', async () => {
    pictures(2);
    await run('index pictures');
    const before = readFileSync(indexFile());
    for (const command of [
      ['search', 'x'],
      ['index', 'pictures'],
    ]) {
      expectError(await polymodal([...command, '--model', otherModel], { cwd }), 1, 'SPACE_MISMATCH', "is in space 'tiny-1'");
    }
    expect(readFileSync(indexFile())).toEqual(before);
    const forced = await polymodal(['index', 'pictures', '--force', '--model', otherModel], { cwd });
    expect(forced.code).toBe(0);
    expect((await loadIndex(indexFile())).space.name).toBe('tiny-2');
  });

  test('an index with a flipped byte is refused until --force', async () => {
    pictures(2);
    await run('index pictures');
    const bytes = readFileSync(indexFile());
    bytes[bytes.length - 40]! ^= 4;
    writeFileSync(indexFile(), bytes);
    expectError(await run('search x'), 1, 'INDEX_DAMAGED', 'index again');
    expectError(await run('index pictures'), 1, 'INDEX_DAMAGED');
    expect(await run('info')).toMatchObject({ code: 1, stdout: expect.stringContaining('INDEX_DAMAGED') });
    expect((await run('index pictures --force')).code).toBe(0);
    expect((await run('search x')).code).toBe(0);
  });

  test('a model folder that is incomplete, damaged or not there', async () => {
    const broken = async (name: string, change: (folder: string) => void) => {
      const folder = join(cwd, name);
      cpSync(model, folder, { recursive: true });
      change(folder);
      pictures(1);
      return polymodal(['index', 'pictures', '--model', folder], { cwd });
    };
    const weights = (folder: string) => join(folder, 'model.safetensors');
    expectError(await polymodal(['info', '--model', 'nowhere'], { cwd }), 1, 'CLIP_FOLDER', 'nowhere');
    expectError(await broken('missing', (folder) => rmSync(weights(folder))), 1, 'CLIP_FOLDER', 'model.safetensors');
    const truncated = await broken('truncated', (folder) =>
      writeFileSync(weights(folder), readFileSync(weights(folder)).subarray(0, -100)),
    );
    expectError(truncated, 1, '[A-Z_]+');
    const reshaped = await broken('reshaped', (folder) => {
      const config = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8'));
      writeFileSync(join(folder, 'config.json'), JSON.stringify({ ...config, projection_dim: 24 }));
    });
    expectError(reshaped, 1, '[A-Z_]+', '24');
    const nan = await broken('nan', (folder) => {
      const bytes = readFileSync(weights(folder));
      bytes.fill(0xff, bytes.length - 2);
      writeFileSync(weights(folder), bytes);
    });
    expectError(nan, 1, '[A-Z_]+');
    expect(readdirSync(cwd)).not.toContain('.polymodal');
  });

  test('searching before indexing, for nothing, or for a megabyte', async () => {
    expectError(await run('search x'), 1, 'INDEX_MISSING', 'Index a folder first: polymodal index ./pictures');
    expectError(await polymodal(['search', '', '--model', model], { cwd }), 2, 'QUERY_EMPTY');
    expectError(await polymodal(['search', ' \t', '--model', model], { cwd }), 2, 'QUERY_EMPTY');
    expectError(await run('search -', { input: 'heart '.repeat(180_000) }), 2, 'QUERY_TOO_LONG', '10,000');
  });

  test('a folder that cannot be written', async () => {
    pictures(1);
    // Root may write anywhere but there.
    const readOnly = process.getuid?.() === 0 ? '/proc' : join(cwd, 'read-only');
    if (readOnly !== '/proc') mkdirSync(readOnly, { mode: 0o555 });
    expectError(
      await run(`index pictures --index ${join(readOnly, 'x', 'index.bin')}`),
      1,
      'INDEX_WRITE',
      'Choose a folder that you may write to',
    );
    expectError(await run(`demo --out ${join(readOnly, 'demo')}`), 1, 'OUTPUT_FOLDER', '--out');
  });
});

describe('interrupted in the middle', () => {
  const many = concepts.length;
  const earlier = async () => {
    pictures(5);
    expect((await run('index pictures')).code).toBe(0);
    const before = readFileSync(indexFile());
    pictures(many);
    return before;
  };
  /** Sends a signal soon after indexing has begun, long before it can end. */
  const soonAfterStart = (signal: NodeJS.Signals) => ({
    onStart: (child: ChildProcess) => {
      child.stderr!.once('data', () => setTimeout(() => child.kill(signal), 200));
    },
  });
  const finish = async () => {
    expect((await run('index pictures')).code).toBe(0);
    expect(await size()).toBe(many);
    expect(readdirSync(join(cwd, '.polymodal'))).toEqual(['index.bin']);
  };

  test('kill -9 leaves the earlier index as it was, and the next run finishes', async () => {
    const before = await earlier();
    expect(await run('index pictures', soonAfterStart('SIGKILL'))).toMatchObject({ signal: 'SIGKILL' });
    expect(readFileSync(indexFile())).toEqual(before);
    await finish();
  });

  test('Ctrl-C saves what is done, leaves nothing half-written and exits with 130', async () => {
    await earlier();
    const { code, stderr, stdout } = await run('index pictures', soonAfterStart('SIGINT'));
    expect(stderr).toContain('polymodal: interrupted; what was finished is saved.\n');
    expect([code, stdout]).toEqual([130, '']);
    expect(readdirSync(join(cwd, '.polymodal'))).toEqual(['index.bin']);
    expect(await size()).toBeLessThan(many);
    await finish();
  });
});

describe('demo', () => {
  test('searches 1,322 pictures by words and by a picture, and draws what it found', async () => {
    const { code, stdout, stderr } = await run('demo --json');
    expect(stderr).toBe('Embedding 1,322 pictures …\nDrawing the contact sheet …\n');
    expect(code).toBe(0);
    const {
      answers,
      pictures: searched,
      timings,
      files,
    } = JSON.parse(stdout) as {
      answers: { query: string; hits: { rank: number; score: number }[] }[];
      pictures: number;
      timings: Record<string, number>;
      files: Record<'html' | 'png' | 'index', string>;
    };
    expect(searched).toBe(1322);
    expect(answers.map(({ query }) => query)).toEqual(expect.arrayContaining(['a red heart', 'something to eat for breakfast', '下雨天']));
    for (const { hits } of answers) expect(hits.map(({ rank }) => rank)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    expect(Object.values(timings).every((milliseconds) => milliseconds > 0)).toBe(true);

    const html = readFileSync(join(cwd, files.html), 'utf8');
    expect(html.match(/<img /g)).toHaveLength(12 * answers.length + 1);
    expect(html).not.toMatch(/(src|href)="(?!data:)/);
    const png = readFileSync(join(cwd, files.png));
    expect(png.readUInt32BE(16)).toBe(1480);
    expect(statSync(join(cwd, files.png)).size).toBeGreaterThan(200_000);
    expect((await run(`search heart --k 1 --index ${files.index}`)).stdout).toMatch(/^ {2}1 .*\.png {2}\S/);
  });

  test('prints a table for each query, the timings and what to try next', async () => {
    const { stdout } = await run('demo');
    expect(stdout).toMatch(/“a red heart”\n +rank {2}picture +similarity\n +1 {2}/);
    expect(stdout).toContain('npm run eval:starter');
    expect(stdout).toMatch(/search \(median\) +[\d.]+ ms/);
    expect(stdout).toContain('Try next:');
  });
});

/** A PNG whose header claims 60,000 × 60,000 pixels. */
function hugePng(): Uint8Array {
  const chunk = (type: string, data: Uint8Array) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const out = Buffer.alloc(body.length + 8);
    out.writeUInt32BE(data.length);
    body.copy(out, 4);
    out.writeUInt32BE(crc32(body), body.length + 4);
    return out;
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(60_000, 0);
  header.writeUInt32BE(60_000, 4);
  header.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', Buffer.from([0x78, 0x9c])),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}
