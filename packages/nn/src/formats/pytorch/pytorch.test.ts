import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { allSpelled, goldenFile, goldens, unpacked } from '../goldens.js';
import { writeZip } from '../zip/write-zip.js';
import { parsePyTorch } from './pytorch.js';

const refusal = (code: string, says: string | RegExp = /./) => expect.objectContaining({ code, message: expect.stringMatching(says) });

describe('files that PyTorch wrote', () => {
  test.each(goldens.pth)('$name', async ({ tensors: expected, ...golden }) => {
    const file = unpacked(golden);
    const { tensors } = await parsePyTorch(file);
    expect(allSpelled(tensors)).toEqual(expected);
    // Neither a shift nor shared memory changes what is read.
    const shifted = new Uint8Array(new SharedArrayBuffer(file.length + 1), 1);
    shifted.set(file);
    expect(allSpelled((await parsePyTorch(shifted)).tensors)).toEqual(expected);
  });

  test.each(goldens.pthRefused)('$name is refused by its name', async ({ code, says, ...golden }) => {
    await expect(parsePyTorch(unpacked(golden))).rejects.toThrow(refusal(code, new RegExp(says.replace('.', '\\.'))));
    expect(existsSync(join(tmpdir(), 'polymodal-was-here'))).toBe(false);
  });

  test('aligned and contiguous tensors are views', async () => {
    const file = goldenFile('pth', 'zip, every type');
    const { tensors } = await parsePyTorch(file);
    for (const [name, { data }] of tensors) expect(data.buffer === file.buffer).toBe(name !== 'bfloat16');
    const views = (await parsePyTorch(goldenFile('pth', 'zip, views of one storage'))).tensors;
    expect(views.get('row')!.data.buffer).toBe(views.get('whole')!.data.buffer);
  });

  test.each(['zip', 'legacy'])('the tree is what was saved: %s', async (layout) => {
    const file = goldenFile('pth', `${layout}, a training checkpoint`);
    const root = (await parsePyTorch(file)).value as ReadonlyMap<string, unknown>;
    const { state_dict, optimizer, ...rest } = Object.fromEntries(root);
    expect(rest).toEqual({
      epoch: 3,
      best: 0.5,
      big: 2n ** 70n,
      neg: -300,
      args: new Map<string, unknown>([
        ['name', 'net'],
        ['sizes', [1, 2]],
        ['none', null],
        ['flags', [true, false]],
        ['inf', Infinity],
      ]),
      size: [2, 3],
      dtype: { global: 'torch.bfloat16' },
      device: 'cpu',
      raw: Uint8Array.of(0, 255),
      ids: new Set([1, 2]),
      frozen: new Set([3]),
      text: 'é',
      array: Uint8Array.of(97, 98),
    });
    expect([...(state_dict as Map<string, unknown>).keys()].slice(0, 3)).toEqual(['conv.weight', 'conv.bias', 'norm.weight']);
    expect((optimizer as Map<string, unknown>).get('param_groups')).toEqual([expect.any(Map)]);
  });

  test('a path leads to the state dict', async () => {
    const file = goldenFile('pth', 'zip, a training checkpoint');
    const { tensors, value } = await parsePyTorch(file, { path: ['state_dict'] });
    expect([...tensors.keys()]).toEqual([...(value as ReadonlyMap<string, unknown>).keys()]);
    expect([...(await parsePyTorch(file, { path: ['optimizer', 'state', 0] })).tensors.keys()]).toEqual(['step', 'exp_avg', 'exp_avg_sq']);
    const message = /nothing at "model": there is no "model" among "epoch", "best"/;
    await expect(parsePyTorch(file, { path: ['model'] })).rejects.toThrow(refusal('CHECKPOINT_MISSING', message));
    await expect(parsePyTorch(file, { path: ['epoch', 'x'] })).rejects.toThrow(refusal('CHECKPOINT_MISSING'));
  });

  test('a checksum that does not hold is an error, unless checksums are left alone', async () => {
    const file = goldenFile('pth', 'zip, one tensor');
    const at = file.findIndex((_, i) => i % 64 === 0 && file[i + 6] === 0x80 && file[i + 7] === 0x3f);
    file[at + 1] = 1; // the first of 0, 1, 2 …
    await expect(parsePyTorch(file)).rejects.toThrow(refusal('CHECKPOINT_DAMAGED', /data\/0/));
    expect((await parsePyTorch(file, { checksums: false })).tensors.get('tensor')!.data[1]).toBe(1);
  });
});

/** A pickle of text operations, of which § stands for the protocol's mark. */
const code = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
/** An archive with this pickle, and one storage of bytes 0, 1, 2 … 15. */
const archive = (pickle: string | Uint8Array, more: Record<string, Uint8Array> = {}) =>
  writeZip(
    Object.entries({
      'a/data.pkl': typeof pickle === 'string' ? code(pickle) : pickle,
      'a/data/0': Uint8Array.from({ length: 16 }, (_, i) => i),
      ...more,
    }),
    false,
  );
const read = async (...args: Parameters<typeof archive>) => parsePyTorch(await archive(...args));
const storage = (type = 'FloatStorage', count = '4', key = '0') => `(S'storage'\nctorch\n${type}\nS'${key}'\nS'cpu'\nI${count}\ntQ`;
const rebuild = (offset: string, size: string, stride: string, from = storage()) =>
  `ctorch._utils\n_rebuild_tensor_v2\n(${from}I${offset}\n(${size}t(${stride}tI00\n}tR.`;

describe('pickles that were made by hand', () => {
  test('those of untyped storages, as PyTorch 2 has them', async () => {
    const v3 = (dtype: string, count: number) =>
      `ctorch._utils\n_rebuild_tensor_v3\n(${storage('UntypedStorage', '16').replace('ctorch\n', 'ctorch.storage\n')}I1\n(I${count}\nt(I1\ntI00\n}ctorch\n${dtype}\ntR.`;
    expect((await read(v3('uint16', 3))).value).toEqual({ type: 'uint16', dims: [3], data: Uint16Array.of(0x302, 0x504, 0x706) });
    expect((await read(v3('int32', 2))).value).toEqual({ type: 'int32', dims: [2], data: Int32Array.of(0x7060504, 0xb0a0908) });
    await expect(read(v3('int32', 4))).rejects.toThrow(refusal('CHECKPOINT_TRUNCATED'));
    expect((await read(v3('float8_e4m3fn', 1))).value).toEqual({ type: 'float32', dims: [1], data: Float32Array.of(2 ** -9) });
    await expect(read(v3('float4_e2m1fn_x2', 4))).rejects.toThrow(refusal('CHECKPOINT_GLOBAL', /torch.float4_e2m1fn_x2/));
    expect((await read(`${storage('UntypedStorage', '16')}.`)).value).toMatchObject({ type: 'uint8', dims: [16] });
  });

  test('a tensor with attributes keeps its numbers', async () => {
    const inner = rebuild('1', 'I2\n', 'I1\n').slice(0, -2).replace('ctorch._utils\n_rebuild_tensor_v2\n', '');
    const wrapped = `ctorch._tensor\n_rebuild_from_type_v2\n(ctorch._utils\n_rebuild_tensor_v2\nctorch.nn.parameter\nParameter\n${inner}(dtR.`;
    expect((await read(wrapped)).value).toMatchObject({ type: 'float32', dims: [2] });
  });

  test('operations of protocol 0', async () => {
    const pickle =
      "(lp0\nI-5\naL12345678901234567890L\naF1.5e3\naFnan\naVé\naNaI01\na(dS'a'\nI1\nsa(I1\nI2\ntaS'kept'\np1\nag1\na(I9\n1(02I7\n0.";
    const { value } = await read(Buffer.from(pickle, 'utf8'));
    expect(value).toEqual([-5, 12345678901234567890n, 1500, Number.NaN, 'é', null, true, new Map([['a', 1]]), [1, 2], 'kept', 'kept']);
  });

  test.each<[string, string, string, RegExp?]>([
    ['CHECKPOINT_GLOBAL', 'os.system', "cos\nsystem\n(S'ls'\ntR.", /"os\.system"/],
    ['CHECKPOINT_GLOBAL', 'os.system as an instance', "(S'ls'\nios\nsystem\n.", /"os\.system"/],
    ['CHECKPOINT_GLOBAL', 'a global that is never called', 'csubprocess\nPopen\n0N.', /"subprocess\.Popen"/],
    [
      'CHECKPOINT_GLOBAL',
      'a name with dots, from the stack',
      '\x80\x04\x8c\x05torch\x8c\x0dutils.os.path\x93.',
      /"torch\.utils\.os\.path"/,
    ],
    ['CHECKPOINT_GLOBAL', 'a class of TorchScript elsewhere', 'c__torch__\nNet\n)\x81.', /"__torch__\.Net"/],
    ['CHECKPOINT_GLOBAL', 'a name that every object has', 'c__proto__\nconstructor\n.', /"__proto__\.constructor"/],
    ['CHECKPOINT_PICKLE', 'a long name', `c${'x'.repeat(1e5)}`, /^.{1,200}$/s],
    ['CHECKPOINT_PICKLE', 'a dtype that is called', 'ctorch\nfloat32\n)R.', /"torch\.float32"/],
    ['CHECKPOINT_PICKLE', 'a text that is called', "S'os.system'\n)R."],
    ['CHECKPOINT_PICKLE', 'an instance of an admitted function', '(icollections\nOrderedDict\n.', /INST/],
    ['CHECKPOINT_PICKLE', 'an extension', '\x82\x01.', /0x82/],
    ['CHECKPOINT_PICKLE', 'a persistent id in text', 'Pabc\n.', /0x50/],
    ['CHECKPOINT_PICKLE', 'a persistent id that is no storage', "S'a'\nQ."],
    ['CHECKPOINT_PICKLE', 'protocol 6', '\x80\x06N.', /protocol 6/],
    ['CHECKPOINT_PICKLE', 'nothing', ''],
    ['CHECKPOINT_PICKLE', 'no value', '.'],
    ['CHECKPOINT_PICKLE', 'no end', 'N'],
    ['CHECKPOINT_PICKLE', 'an empty stack', '0.'],
    ['CHECKPOINT_PICKLE', 'items taken from before a mark', 'N(\x85.'],
    ['CHECKPOINT_PICKLE', 'no mark', 'Nt.'],
    ['CHECKPOINT_PICKLE', 'a memo that is empty', 'h\x00.'],
    ['CHECKPOINT_PICKLE', 'a text past the end', 'X\xff\xff\xff\xffabc.'],
    ['CHECKPOINT_PICKLE', 'a text of 2⁶⁴ bytes', '\x8d\xff\xff\xff\xff\xff\xff\xff\xffabc.'],
    ['CHECKPOINT_PICKLE', 'a text that is not UTF-8', 'X\x01\x00\x00\x00\xff.'],
    ['CHECKPOINT_PICKLE', 'an integer of 4 GB', '\x8b\xff\xff\xff\xff.'],
    ['CHECKPOINT_PICKLE', 'an integer of 2,000 digits', `L${'9'.repeat(2000)}L\n.`],
    ['CHECKPOINT_PICKLE', 'an integer that is none', 'I0x10\n.'],
    ['CHECKPOINT_PICKLE', 'a number that is none', 'F1-2\n.'],
    ['CHECKPOINT_PICKLE', 'items for what is no list', 'NNa.'],
    ['CHECKPOINT_PICKLE', 'items for what is no dict', 'NNNs.'],
    ['CHECKPOINT_PICKLE', 'half an item', '}(Nu.'],
    ['CHECKPOINT_PICKLE', 'items for what is no set', '](N\x90.'],
    ['CHECKPOINT_PICKLE', 'a state for what has none', 'N}b.'],
    ['CHECKPOINT_PICKLE', 'keyword arguments', `ccollections\nOrderedDict\n)}S'a'\nNs\x92.`],
    ['CHECKPOINT_PICKLE', 'a dict of what are no pairs', 'ccollections\nOrderedDict\n((lI1\natR.'],
    ['CHECKPOINT_PICKLE', 'a tensor of no storage', rebuild('0', 'I1\n', 'I1\n', 'N')],
    ['CHECKPOINT_PICKLE', 'a tensor as a key', `}${storage()}Ns.`, /as key/],
    ['CHECKPOINT_SHAPE', 'a tensor past its storage', rebuild('1', 'I4\n', 'I1\n'), /from element 1 on does not fit into its storage of 4/],
    ['CHECKPOINT_SHAPE', 'strides past the storage', rebuild('0', 'I2\nI2\n', 'I3\nI1\n')],
    ['CHECKPOINT_SHAPE', 'strides that overflow', rebuild('0', 'I2\nI2\n', 'L9007199254740991L\nL9007199254740991L\n')],
    ['CHECKPOINT_SHAPE', 'a negative stride', rebuild('3', 'I2\n', 'I-1\n')],
    ['CHECKPOINT_SHAPE', 'a fractional size', rebuild('0', 'F1.5\n', 'I1\n')],
    ['CHECKPOINT_SHAPE', 'fewer strides than sizes', rebuild('0', 'I2\nI2\n', 'I1\n')],
    ['CHECKPOINT_SHAPE', 'sizes that overflow, without strides', rebuild('0', 'L9007199254740991L\nI3\n', 'I0\nI0\n')],
    ['CHECKPOINT_SHAPE', '65 axes', rebuild('0', 'I1\n'.repeat(65), 'I1\n'.repeat(65))],
    [
      'CHECKPOINT_SIZE',
      'four bytes that are spread over a terabyte',
      rebuild('0', 'I1000000\nI1000000\n', 'I0\nI0\n'),
      /maxBytes is 268435456/,
    ],
    ['CHECKPOINT_DTYPE', 'quantised numbers', `${storage('QInt8Storage')}.`, /"qint8"/],
    ['CHECKPOINT_TRUNCATED', 'a storage that is not there', `${storage('FloatStorage', '4', '1')}.`, /no storage "1"/],
    ['CHECKPOINT_TRUNCATED', 'a storage that is shorter', `${storage('FloatStorage', '5')}.`, /16 bytes, but 20 are expected/],
    ['CHECKPOINT_BOOL', 'booleans of 2', `${storage('BoolStorage', '16')}.`],
    ['CHECKPOINT_NAME', 'two tensors of one name', `}S'a.b'\n${storage()}sS'a'\n}S'b'\n${storage()}ss.`, /"a\.b"/],
  ])('%s: %s', async (errorCode, _, pickle, says = /./) => {
    await expect(read(pickle)).rejects.toThrow(refusal(errorCode, says));
  });

  test('storages of tensors that nothing refers to are not looked for', async () => {
    expect((await read(`${storage('QInt8Storage', '9', 'none')}0N.`)).value).toBeNull();
  });

  test('what holds itself, or more and more of itself, ends', async () => {
    await expect(read('(lp0\ng0\na.')).rejects.toThrow(refusal('CHECKPOINT_PICKLE', /nests deeper/));
    // Each list holds the one before it twice: 2⁶⁰ ways lead to the innermost.
    const doubling = Array.from({ length: 60 }, (_, i) => `(lp${i + 1}\ng${i}\nag${i}\na`).join('');
    await expect(read(`(lp0\n${doubling}.`)).rejects.toThrow(refusal('CHECKPOINT_PICKLE', /more than 1000000 items/));
    await expect(read(`${'('.repeat(1e5)}${'l'.repeat(1e5)}.`)).rejects.toThrow(refusal('CHECKPOINT_PICKLE'));
    const innermost = `${']'.repeat(1e5)}${'a'.repeat(1e5 - 1)}`;
    expect((await read(`}${innermost}Ns.`)).tensors.size).toBe(0);
    await expect(read(`}${innermost}${storage()}s.`)).rejects.toThrow(refusal('CHECKPOINT_NAME', /keys are no names/));
    await expect(read(`ctorch\ndevice\n(${innermost}tR.`)).rejects.toThrow(refusal('CHECKPOINT_PICKLE', /device/));
    expect((await read(`}(I1\nS'a'\nt${storage()}s.`)).tensors.has('1,a')).toBe(true);
    const nested = `${']'.repeat(1e5)}${'a'.repeat(1e5 - 1)}.`;
    await expect(read(nested)).rejects.toThrow(refusal('CHECKPOINT_PICKLE', /nests deeper/));
  });

  test('what is short and large is refused, at once', async () => {
    const started = performance.now();
    await expect(read('}'.repeat(3e6))).rejects.toThrow(refusal('CHECKPOINT_SIZE'));
    // A list of 100,000 items becomes a set 100,000 times.
    const list = `](${'K\x01'.repeat(1e5)}e\x85q\x000`;
    await expect(read(`${list}(cbuiltins\nset\nq\x010${'h\x01h\x00R0'.repeat(1e5)}.`)).rejects.toThrow(refusal('CHECKPOINT_SIZE'));
    expect(performance.now() - started).toBeLessThan(5000);
  });
});

describe('archives and legacy files that are damaged', () => {
  test('archives of other things', async () => {
    const zip = await writeZip([['a/b/data.pkl', code('N.')]], false);
    await expect(parsePyTorch(zip)).rejects.toThrow(refusal('CHECKPOINT_FORMAT', /no data.pkl/));
    await expect(read('N.', { 'a/byteorder': code('middle') })).rejects.toThrow(refusal('CHECKPOINT_ARCHIVE', /"middle"/));
    for (const bytes of [new Uint8Array(0), code('N.'), code('PK\x03\x04')])
      await expect(parsePyTorch(bytes)).rejects.toThrow(
        expect.objectContaining({ code: expect.stringMatching(/^CHECKPOINT_(FORMAT|ARCHIVE)$/) }),
      );
  });

  /** A legacy file of a pickle, the keys of its storages as text operations, and what follows. */
  const legacy = (pickle: string, keys: string, ...storages: readonly ArrayLike<number>[]) =>
    Uint8Array.from([
      ...code(`L119547037146038801333356L\n.I1001\n.}.${pickle}(l${keys}.`),
      ...storages.flatMap((part) => Array.from(part)),
    ]);
  const part = (count: number, view: string) => `(S'storage'\nctorch\nShortStorage\nS'0'\nS'cpu'\nI${count}\n${view}tQ`;
  const shorts = [3, 0, 0, 0, 0, 0, 0, 0, 1, 0, 2, 0, 3, 0];

  test('parts of storages, as the oldest files name them', async () => {
    const pickle = `(l${part(3, 'N')}a${part(3, "(S'1'\nI1\nI2\nt")}a.`;
    const { tensors } = await parsePyTorch(legacy(pickle, "S'0'\na", shorts));
    expect([...tensors.values()].map(({ data }) => [...data])).toEqual([
      [1, 2, 3],
      [2, 3],
    ]);
    await expect(parsePyTorch(legacy(`${part(3, "(S'1'\nI2\nI2\nt")}.`, "S'0'\na", shorts))).rejects.toThrow(
      refusal('CHECKPOINT_PICKLE', /outside/),
    );
  });

  test.each([
    ['CHECKPOINT_PICKLE', /two types or sizes/, `(l${part(3, 'N')}a${part(2, 'N')}a.`, "S'0'\na"],
    ['CHECKPOINT_PICKLE', /lists a storage/, `${part(3, 'N')}.`, "S'0'\naS'0'\na"],
    ['CHECKPOINT_PICKLE', /lists a storage/, `${part(3, 'N')}.`, "S'1'\na"],
    ['CHECKPOINT_PICKLE', /lists a storage/, 'N.', "S'0'\na"],
    ['CHECKPOINT_PICKLE', /lists a storage .* no text/, 'N.', `${']'.repeat(1e5)}${'a'.repeat(1e5)}`],
    ['CHECKPOINT_TRUNCATED', /0 bytes, but 6 are expected/, `${part(3, 'N')}.`, ''],
    ['CHECKPOINT_TRUNCATED', /not whole/, `${part(4, 'N')}.`, "S'0'\na"],
  ])('%s: %s', async (errorCode, says, pickle, keys) => {
    await expect(parsePyTorch(legacy(pickle, keys, shorts, shorts))).rejects.toThrow(refusal(errorCode, says));
  });

  test('legacy files that end too soon, wherever they are cut', async () => {
    const file = goldenFile('pth', 'legacy, one tensor');
    for (let length = 14; length < file.length; length++)
      await expect(parsePyTorch(file.subarray(0, length))).rejects.toThrow(
        expect.objectContaining({ code: expect.stringMatching(/^CHECKPOINT_(TRUNCATED|PICKLE)$/) }),
      );
  });

  test('legacy files whose storages are of another size', async () => {
    const file = goldenFile('pth', 'legacy, one tensor');
    const count = file.length - 24 * 4 - 8; // the number of elements stands in front of them
    expect(file[count]).toBe(24);
    file.fill(255, count, count + 8);
    await expect(parsePyTorch(file)).rejects.toThrow(refusal('CHECKPOINT_TRUNCATED', /not whole/));
  });
});
