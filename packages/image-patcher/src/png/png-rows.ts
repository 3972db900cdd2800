import { channelsOf, type PngChunks } from './png-chunks.js';

/** Writes one row of `columns` pixels to `out`, from `at` on and every `step` bytes: RGB, and alpha where the file has it. */
export type RowWriter = (line: Uint8Array, columns: number, out: Uint8Array, at: number, step: number) => void;

/** How the rows of a PNG become RGB or RGBA of 8 bits. */
export function rowWriter(chunks: PngChunks, grey16: 'clip' | 'scale'): RowWriter {
  const { colorType, bitDepth, transparency } = chunks;
  if (colorType === 3) return paletteWriter(chunks);
  const write = colorType === 0 && bitDepth === 16 ? greyWriter(grey16) : colorWriter(chunks);
  if (!transparency || colorType > 3) return write;
  // Scaled grey is ours, so its key means what the file means by it.
  return colorType === 0 && bitDepth === 16 && grey16 === 'scale'
    ? withExactKey(write, transparency)
    : withKey(write, transparency, colorType);
}

function paletteWriter({ bitDepth, palette, transparency }: PngChunks): RowWriter {
  return (line, columns, out, at, step) => {
    for (let i = 0, o = at; i < columns; i++, o += step) {
      const index = sample(line, i, bitDepth);
      // As in Pillow, an index that the palette lacks is a level of grey.
      for (let c = 0; c < 3; c++) out[o + c] = palette[3 * index + c] ?? index;
      if (transparency) out[o + 3] = transparency[index] ?? 255;
    }
  };
}

/** 16-bit grey, clipped as Pillow's `convert('RGB')` or by its high byte. */
function greyWriter(how: 'clip' | 'scale'): RowWriter {
  return (line, columns, out, at, step) => {
    for (let i = 0, o = at; i < columns; i++, o += step) {
      const high = line[2 * i]!;
      out.fill(how === 'scale' ? high : high > 0 ? 255 : line[2 * i + 1]!, o, o + 3);
    }
  };
}

function colorWriter({ colorType, bitDepth }: PngChunks): RowWriter {
  const stored = channelsOf[colorType]!;
  const colors = stored < 3 ? 1 : 3;
  const scale = bitDepth < 8 ? 255 / (2 ** bitDepth - 1) : 1;
  return (line, columns, out, at, step) => {
    for (let i = 0, o = at; i < columns; i++, o += step) {
      for (let c = 0; c < 3; c++) out[o + c] = sample(line, i * stored + (colors === 1 ? 0 : c), bitDepth) * scale;
      if (stored > colors) out[o + 3] = sample(line, i * stored + colors, bitDepth);
    }
  };
}

/**
 * The transparent colour as Pillow takes it: the low bytes of its values, against the levels of 8 bits that come out. So it means the file's
 * own values only where these have 8 bits.
 */
function withKey(write: RowWriter, key: Uint8Array, colorType: number): RowWriter {
  const [red, green, blue] = (colorType === 0 ? [1, 1, 1] : [1, 3, 5]).map((i) => key[i] ?? 0);
  return (line, columns, out, at, step) => {
    write(line, columns, out, at, step);
    for (let i = 0, o = at; i < columns; i++, o += step) {
      out[o + 3] = out[o] === red && out[o + 1] === green && out[o + 2] === blue ? 0 : 255;
    }
  };
}

function withExactKey(write: RowWriter, key: Uint8Array): RowWriter {
  return (line, columns, out, at, step) => {
    write(line, columns, out, at, step);
    for (let i = 0, o = at; i < columns; i++, o += step) {
      out[o + 3] = line[2 * i] === (key[0] ?? 0) && line[2 * i + 1] === (key[1] ?? 0) ? 0 : 255;
    }
  };
}

/** One value of 1, 2, 4 or 8 bits, or the high byte of one of 16. */
function sample(line: Uint8Array, index: number, bits: number): number {
  if (bits === 8) return line[index]!;
  if (bits === 16) return line[2 * index]!;
  const bit = index * bits;
  return (line[bit >> 3]! >> (8 - bits - (bit & 7))) & ((1 << bits) - 1);
}
