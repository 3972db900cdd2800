import { crc32, deflateRawSync } from 'node:zlib';
import { createRandom } from '@polymodal/autograd';
import { elementCount } from '@polymodal/modality-registry';
import { parseCheckpoint, parseNpy, parseNpz, parsePyTorch, parseSafetensors, parseShardIndex } from '@polymodal/nn';
import { damage, outcomeOf } from './damage.mjs';

/** Files of weights that are made to reach deep: sound in most parts, with one or a few things wrong in the places that readers look at. */

const bytesOf = (text) => new TextEncoder().encode(text);
const pick = (random, list) => list[random.integer(list.length)];
const chance = (random, one) => random.integer(one) === 0;

/** Every tensor holds as many numbers as its shape says, and all together no more than a file of this size may give. */
function checkTensors(tensors, bytes) {
  const buffers = new Set();
  let copied = 0;
  for (const [name, { dims, data }] of tensors) {
    if (elementCount(dims) !== data.length) throw new Error(`${name} [${dims}] has ${data.length} numbers`);
    if (data.buffer !== bytes.buffer && !buffers.has(data.buffer)) copied += data.byteLength;
    buffers.add(data.buffer);
  }
  if (copied > Math.max(16 * bytes.length, 2 ** 28)) throw new Error(`${copied} bytes of ${bytes.length}`);
}

const sizes = {
  U64: 8,
  I64: 8,
  F64: 8,
  F32: 4,
  U32: 4,
  I32: 4,
  BF16: 2,
  F16: 2,
  U16: 2,
  I16: 2,
  I8: 1,
  U8: 1,
  F8_E5M2: 1,
  F8_E4M3: 1,
  F8_E8M0: 1,
  BOOL: 1,
};
const dtypes = Object.keys(sizes);
const numbers = [0, 1, -1, 2, 3, 255, 65_536, 2 ** 31, 2 ** 32, 2 ** 53, 2 ** 63, 1e308, 0.5, null, '1', [], {}];

/** A safetensors file of any types; then one thing of its header, or none, is changed, while the rest still fits together. */
function madeSafetensors(random) {
  const entries = Array.from({ length: random.integer(5) }, (_, i) => {
    const dtype = pick(random, dtypes);
    const shape = Array.from({ length: random.integer(4) }, () => random.integer(5));
    return {
      name: pick(random, ['weight', 'a.b', '', 'ü', '__proto__', 'x'.repeat(200)]) + i,
      dtype,
      shape,
      size: elementCount(shape) * sizes[dtype],
    };
  });
  let end = 0;
  const described = entries.map(({ name, dtype, shape, size }) => {
    end += size;
    return [name, { dtype, shape, data_offsets: [end - size, end] }];
  });
  const victim = described.length > 0 ? pick(random, described)[1] : { data_offsets: [0, 0], shape: [] };
  const change = random.integer(13);
  if (change === 0) victim.dtype = pick(random, [...dtypes, 'C64', 'constructor', 7]);
  if (change === 1) victim.shape = Array.from({ length: random.integer(4) }, () => pick(random, numbers));
  if (change === 2) victim.data_offsets = victim.data_offsets.map((offset) => (chance(random, 2) ? offset : pick(random, numbers)));
  if (change === 3) victim.data_offsets = victim.data_offsets.map((offset) => offset + random.integer(9) - 4);
  if (change === 4) victim.shape.push(pick(random, numbers));
  if (change === 5) victim[pick(random, ['extra', '__proto__', 'toString'])] = pick(random, numbers);
  if (change === 6) described.push(['__metadata__', pick(random, [{ format: 'pt' }, { a: 1 }, [], null, 'x'])]);
  if (change === 7) described.push(pick(random, [...described, ['more', null]]));
  if (chance(random, 2)) described.reverse();
  let header = `{${described.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join()}}`;
  if (change === 8) header += ' '.repeat(random.integer(40));
  const text = bytesOf(header);
  const file = new Uint8Array(8 + text.length + end + (change === 9 ? random.integer(9) : 0));
  new DataView(file.buffer).setBigUint64(
    0,
    change === 10 ? BigInt(random.uint32()) << BigInt(random.integer(33)) : BigInt(text.length),
    true,
  );
  file.set(text, 8);
  for (let i = 8 + text.length; i < file.length; i++) file[i] = random.integer(2);
  return change === 11 ? file.slice(0, random.integer(file.length + 1)) : change === 12 ? damage(file, random) : file;
}

const descriptions = ['<f4', '>f4', '<f8', '>f8', '<f2', '|b1', '?', '|i1', '|u1', '<i2', '>u2', '<i4', '=u4', '<i8', '>u8'];
const strange = ['<c8', '|O', '<U5', '|S3', '<M8[ns]', '<f16', '|V4', 'f4', '', '<f', '<f99999999999'];

/** An .npy file by its grammar: any version, type, order and shape, in the spellings that numpy and Python allow. */
function madeNpy(random) {
  const descr = chance(random, 8) ? pick(random, strange) : pick(random, descriptions);
  const shape = Array.from({ length: random.integer(5) }, () => random.integer(4));
  const itemSize = Number(/\d+$/.exec(descr)?.[0] ?? 1);
  const size = elementCount(shape) * (itemSize <= 16 ? itemSize : 1);
  const written = shape.map((dim) => (chance(random, 40) ? String(pick(random, numbers)) : `${dim}${chance(random, 9) ? 'L' : ''}`));
  const quote = pick(random, ["'", '"']);
  const fields = [
    `${quote}descr${quote}: ${chance(random, 30) ? `[('a', '${descr}')]` : `'${descr}'`}`,
    `'fortran_order': ${chance(random, 30) ? pick(random, ['0', 'None', 'true', "'a'"]) : pick(random, ['True', 'False'])}`,
    `'shape': ${chance(random, 30) ? pick(random, ['3', '[2]', '(', '((1,),)', '(1 2)']) : `(${written.join(', ')}${written.length === 1 ? ',' : ''})`}`,
  ];
  if (chance(random, 30)) fields.push(pick(random, ["'extra': 1", fields[0], "'shape': (1,)"]));
  if (chance(random, 3)) fields.reverse();
  const header = bytesOf(
    `{${fields.join(pick(random, [', ', ',', ' ,\t']))}${pick(random, [', }', '}', ',}'])}${' '.repeat(random.integer(70))}\n`,
  );
  const version = chance(random, 30) ? random.integer(6) : 1 + random.integer(3);
  const wide = version >= 2;
  const start = (wide ? 12 : 10) + header.length;
  const file = new Uint8Array(start + size + (chance(random, 12) ? random.integer(20) : 0));
  file.set([0x93, ...bytesOf('NUMPY'), version, chance(random, 40) ? 1 : 0]);
  const view = new DataView(file.buffer);
  const claimed = chance(random, 30) ? random.integer(70_000) : header.length;
  if (wide) view.setUint32(8, claimed, true);
  else view.setUint16(8, Math.min(claimed, 0xffff), true);
  file.set(header, wide ? 12 : 10);
  for (let i = start; i < file.length; i++) file[i] = random.integer(2);
  return chance(random, 10) ? damage(file, random) : chance(random, 10) ? file.slice(0, random.integer(file.length + 1)) : file;
}

/**
 * A ZIP archive in any of the ways that writers have: deflated or stored, zip64 fields and end, sizes behind the data, comments, bytes in
 * front; and in ways that none has: entries that overlap, names that differ or occur twice, sizes and checksums that lie.
 */
function madeArchive(random, entries) {
  const parts = [];
  let length = 0;
  const add = (bytes) => {
    parts.push(bytes);
    length += bytes.length;
  };
  const record = (size, ...fields) => {
    const view = new DataView(new ArrayBuffer(size));
    for (const [at, width, value] of fields)
      if (width === 2) view.setUint16(at, value, true);
      else if (width === 4) view.setUint32(at, value, true);
      else view.setBigUint64(at, BigInt(value), true);
    return new Uint8Array(view.buffer);
  };
  const zip64 = chance(random, 3);
  const lie = random.integer(24); // above 8: none
  if (lie === 0) add(new Uint8Array(random.integer(50)));
  const headers = [];
  for (const [i, [name, bytes]] of entries.entries()) {
    const deflated = chance(random, 2);
    const packed = deflated ? new Uint8Array(deflateRawSync(bytes)) : bytes;
    const behind = chance(random, 4);
    const checksum = lie === 1 ? random.uint32() : crc32(bytes);
    const wrong = lie === 2 && i === 0 ? pick(random, [1, -1, 2 ** 31, 2 ** 20]) : 0;
    const size = Math.max(0, bytes.length + wrong);
    const flags = 0x800 | (behind ? 8 : 0) | (lie === 3 ? 1 : 0);
    const method = lie === 4 ? random.integer(15) : deflated ? 8 : 0;
    const own = bytesOf(lie === 5 ? `${name}x` : name);
    const at = length;
    const fill = random.integer(4) === 0 ? random.integer(64) : 0;
    add(
      record(
        30,
        [0, 4, 0x04034b50],
        [4, 2, 20],
        [6, 2, flags],
        [8, 2, method],
        [14, 4, behind ? 0 : checksum],
        [18, 4, behind ? 0 : packed.length],
        [22, 4, behind ? 0 : size],
        [26, 2, own.length],
        [28, 2, fill],
      ),
    );
    add(own);
    add(new Uint8Array(fill));
    add(packed);
    if (behind) add(record(16, [0, 4, 0x08074b50], [4, 4, checksum], [8, 4, packed.length], [12, 4, size]));
    headers.push({ name: bytesOf(name), flags, method, checksum, size, packed: packed.length, at });
  }
  if (lie === 6 && headers.length > 0) headers.push({ ...pick(random, headers), ...(chance(random, 2) && { name: bytesOf('other.npy') }) });
  if (lie === 7 && headers.length > 1) headers[1].at = headers[0].at + random.integer(40);
  const start = length;
  for (const { name, flags, method, checksum, size, packed, at } of headers) {
    const extra = zip64
      ? record(28, [0, 2, 1], [2, 2, lie === 8 ? random.integer(40) : 24], [4, 8, size], [12, 8, packed], [20, 8, at])
      : new Uint8Array(0);
    const small = (value) => (zip64 ? 0xffffffff : value);
    add(
      record(
        46,
        [0, 4, 0x02014b50],
        [4, 2, 45],
        [6, 2, 45],
        [8, 2, flags],
        [10, 2, method],
        [16, 4, checksum],
        [20, 4, small(packed)],
        [24, 4, small(size)],
        [28, 2, name.length],
        [30, 2, extra.length],
        [42, 4, small(at)],
      ),
    );
    add(name);
    add(extra);
  }
  const comment = chance(random, 5) ? random.integer(30) : 0;
  if (zip64 || chance(random, 8)) {
    const end = length;
    const directory = end - start;
    add(record(56, [0, 4, 0x06064b50], [4, 8, 44], [24, 8, headers.length], [32, 8, headers.length], [40, 8, directory], [48, 8, start]));
    add(record(20, [0, 4, 0x07064b50], [8, 8, end], [16, 4, 1]));
    add(
      record(22 + comment, [0, 4, 0x06054b50], [8, 2, 0xffff], [10, 2, 0xffff], [12, 4, 0xffffffff], [16, 4, 0xffffffff], [20, 2, comment]),
    );
  } else
    add(
      record(
        22 + comment,
        [0, 4, 0x06054b50],
        [8, 2, headers.length],
        [10, 2, headers.length],
        [12, 4, length - start],
        [16, 4, start],
        [20, 2, comment],
      ),
    );
  return new Uint8Array(Buffer.concat(parts));
}

/** Zeros that deflate to a thousandth: a few of these in one archive are a bomb. */
const bomb = new Uint8Array(2 ** 20);

function madeNpz(random) {
  const content = () =>
    pick(random, [
      () => madeNpy(random),
      () => madeNpy(random),
      () => madeNpy(random),
      () => madeArchive(random, [['a.npy', madeNpy(random)]]),
      () => (chance(random, 20) ? bomb : new Uint8Array(3)),
    ])();
  const entries = Array.from({ length: random.integer(4) }, (_, i) => [
    pick(random, [`${i}.npy`, `${i}.npy`, `a/${i}.npy`, 'ü.npy', `${i}.txt`, 'arr_0.npy']),
    content(),
  ]);
  const archive = madeArchive(random, entries);
  return chance(random, 8) ? damage(archive, random) : archive;
}

/** What torch.save writes, in an archive of any kind, with a pickle that is sound, or damaged in some place. */
function madePyTorch(random, pickles) {
  const pickle = pick(random, pickles);
  const root = pick(random, ['archive', 'archive', 'a', 'a', 'a b', 'ü', 'x/y', '']);
  const under = (name) => (root === '' ? name : `${root}/${name}`);
  const entries = [
    [under('data.pkl'), chance(random, 2) ? pickle : damage(pickle, random)],
    ...Array.from({ length: 12 + random.integer(12) }, (_, key) => [
      under(`data/${key}`),
      new Uint8Array(chance(random, 30) ? random.integer(64) : 512).fill(key % 2),
    ]),
  ];
  if (chance(random, 3)) entries.push([under('version'), bytesOf('3\n')]);
  if (chance(random, 3)) entries.push([under('byteorder'), bytesOf(pick(random, ['little', 'big', 'middle']))]);
  if (chance(random, 5)) entries.push([under('constants.pkl'), chance(random, 2) ? pickle : bytesOf('\x80\x02).')]);
  if (chance(random, 5)) entries.push([under('code/__torch__.py'), bytesOf('class A: pass')]);
  const archive = madeArchive(random, entries);
  return chance(random, 10) ? damage(archive, random) : archive;
}

function madeIndex(random) {
  const names = Array.from({ length: random.integer(5) }, (_, i) => [
    `w${i}`,
    pick(random, ['a.safetensors', 'b.bin', '../c', 'C:d', '', 'e/f', 7, null]),
  ]);
  const index = bytesOf(JSON.stringify({ metadata: { total_size: 1 }, weight_map: Object.fromEntries(names) }));
  return chance(random, 2) ? damage(index, random) : index;
}

const made = (name, make, read) => ({
  name,
  input: (seed, run) => make(createRandom(seed).fork(name).fork(run)),
  read: (bytes) => outcomeOf(read, bytes),
});

/** Targets for readers of weights, given pickles that PyTorch wrote. */
export const weightTargets = (pickles) => [
  made('safetensors, made', madeSafetensors, (bytes) => checkTensors(parseSafetensors(bytes).tensors, bytes)),
  made('npy, made', madeNpy, (bytes) => checkTensors([['array', parseNpy(bytes)]], bytes)),
  made('npz, made', madeNpz, async (bytes) => checkTensors(await parseNpz(bytes), bytes)),
  made(
    'pth, made',
    (random) => madePyTorch(random, pickles),
    async (bytes) => checkTensors((await parsePyTorch(bytes)).tensors, bytes),
  ),
  made(
    'checkpoint of any format, made',
    (random) => pick(random, [madeSafetensors, madeNpy, madeNpz, (own) => madePyTorch(own, pickles)])(random),
    async (bytes) => checkTensors((await parseCheckpoint(bytes)).tensors, bytes),
  ),
  made('index of several files, made', madeIndex, parseShardIndex),
];

/** A sound file of every type that safetensors has. */
export const soundSafetensors = Array.from({ length: 40 }, (_, run) => madeSafetensors(createRandom(7).fork(run))).filter((file) => {
  try {
    return parseSafetensors(file).tensors.size > 1;
  } catch {
    return false;
  }
});
