import { ImageError, shown } from '../errors.js';

/** Formats that are recognised by their content; `heic` is named so that its error can say what to do. */
export type ImageFormat = 'png' | 'jpeg' | 'gif' | 'webp' | 'tiff' | 'avif' | 'svg' | 'bmp' | 'heic';

/** What the first bytes of a picture say, before anything is decoded. */
export interface ImageInfo {
  readonly format: ImageFormat;
  /** In pixels, as stored: an orientation mark is not applied. */
  readonly width: number;
  readonly height: number;
  /** Bits per channel, where the header says so at once (PNG, JPEG). */
  readonly bitDepth?: number;
  /** Channels as stored, where the header says so at once: 1 grey or palette, 2 grey with alpha, 3 colour, 4 RGBA in PNG and CMYK in JPEG. */
  readonly channels?: number;
}

/** A view of bytes, which may come from another realm. @throws ImageError `IMAGE_FILE` for what is none. */
export function asBytes(input: Uint8Array | ArrayBuffer, expected = 'a Uint8Array or an ArrayBuffer'): Uint8Array {
  const tag = Object.prototype.toString.call(input);
  if (tag === '[object Uint8Array]') return input as Uint8Array;
  if (tag === '[object ArrayBuffer]') return new Uint8Array(input as ArrayBuffer);
  throw new ImageError({ code: 'IMAGE_FILE', message: `picture is ${shown(input)}, but ${expected} was expected.` });
}

/** Bytes with bounds: reading past the end is an `IMAGE_TRUNCATED` that names the format. */
export class Reader {
  readonly #view: DataView;

  constructor(
    readonly bytes: Uint8Array,
    readonly format: ImageFormat,
    readonly littleEndian = false,
  ) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get length(): number {
    return this.bytes.length;
  }

  #at(offset: number, size: number): number {
    if (Number.isSafeInteger(offset) && offset >= 0 && offset + size <= this.bytes.length) return offset;
    throw new ImageError({
      code: 'IMAGE_TRUNCATED',
      message: `the ${this.format.toUpperCase()} header needs ${size} byte(s) at ${offset}, but the data has ${this.bytes.length} bytes.`,
      fix: 'The file is cut short: copy or download it again.',
    });
  }

  u8(offset: number): number {
    return this.#view.getUint8(this.#at(offset, 1));
  }

  u16(offset: number): number {
    return this.#view.getUint16(this.#at(offset, 2), this.littleEndian);
  }

  u24(offset: number): number {
    this.#at(offset, 3);
    const [a, b, c] = [this.u8(offset), this.u8(offset + 1), this.u8(offset + 2)];
    return this.littleEndian ? a | (b << 8) | (c << 16) : (a << 16) | (b << 8) | c;
  }

  u32(offset: number): number {
    return this.#view.getUint32(this.#at(offset, 4), this.littleEndian);
  }

  i32(offset: number): number {
    return this.#view.getInt32(this.#at(offset, 4), this.littleEndian);
  }

  u64(offset: number): number {
    return Number(this.#view.getBigUint64(this.#at(offset, 8), this.littleEndian));
  }

  /** Four or so characters of Latin-1; shorter at the end of the data. */
  tag(offset: number, length = 4): string {
    return String.fromCharCode(...this.bytes.subarray(offset, offset + length));
  }

  malformed(what: string): ImageError {
    return new ImageError({
      code: 'IMAGE_DECODE',
      message: `the ${this.format.toUpperCase()} header is malformed: ${what}.`,
      fix: 'The file is damaged or is no picture: open it in a viewer, and export it again.',
    });
  }
}
