/** A WAV put together by hand, with whatever is to be wrong about it. */
export interface WavParts {
  readonly container?: string;
  /** Default: what follows. */
  readonly riffSize?: number;
  readonly tag?: number;
  readonly channels?: number;
  readonly sampleRate?: number;
  readonly frameBytes?: number;
  readonly bits?: number;
  /** Chunks before the samples: name, content, whether a byte of padding follows an odd one. */
  readonly before?: readonly (readonly [string, Uint8Array, boolean?])[];
  readonly noFormat?: boolean;
  readonly data?: Uint8Array | undefined;
  /** Default: that of `data`. */
  readonly dataSize?: number;
  readonly after?: Uint8Array;
}

export function wavFile(parts: WavParts = {}): Uint8Array {
  const { container = 'RIFF', tag = 1, channels = 1, sampleRate = 8000, bits = 16, before = [], noFormat = false } = parts;
  const { frameBytes = (channels * bits) / 8, data = Uint8Array.of(0, 64, 0, 192), after = new Uint8Array(0) } = parts;
  const bytes: number[] = [];
  const little = container !== 'RIFX';
  const number = (value: number, width: number) => {
    const places = Array.from({ length: width }, (_, i) => Math.floor(value / 256 ** i) % 256);
    return little ? places : places.reverse();
  };
  const text = (name: string) => Array.from(name, (character) => character.charCodeAt(0));
  if (!noFormat) {
    const rest = [...number(sampleRate, 4), ...number(sampleRate * frameBytes, 4), ...number(frameBytes, 2), ...number(bits, 2)];
    bytes.push(...text('fmt '), ...number(16, 4), ...number(tag, 2), ...number(channels, 2), ...rest);
  }
  for (const [name, content, pad = true] of before) {
    bytes.push(...text(name), ...number(content.length, 4), ...content);
    if (pad && content.length % 2 === 1) bytes.push(0);
  }
  if (parts.data !== undefined || !('data' in parts)) bytes.push(...text('data'), ...number(parts.dataSize ?? data.length, 4), ...data);
  bytes.push(...after);
  return Uint8Array.from([...text(container), ...number(parts.riffSize ?? bytes.length + 4, 4), ...text('WAVE'), ...bytes]);
}

/** The code of the error that `work` throws. */
export function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return (error as { code: string }).code;
  }
  return 'no error';
}

export const bytesOfBase64 = (text: string) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));

/** Channels of float32 that stand one after the other. */
export function channelsOf(base64: string, channels: number): Float32Array[] {
  const all = new Float32Array(bytesOfBase64(base64).buffer);
  const frames = all.length / channels;
  return Array.from({ length: channels }, (_, c) => all.slice(c * frames, (c + 1) * frames));
}
