import type { TensorLike } from '@polymodal/modality-registry';
import { checkNames } from '../choices.js';
import { AudioError, checkOptions, shown } from '../errors.js';
import { type Levels, levelsOf, type SpectrogramPictureOptions } from './levels.js';
import { palettePng } from './palette-png.js';
import { frequencyTicks, roundTicks, type Tick } from './ticks.js';

export interface SpectrogramSvgOptions extends SpectrogramPictureOptions {
  /** Frames per second, which is the sampling rate divided by the hop: 100 for Whisper. */
  readonly frameRate: number;
  /** The middle frequency of each bin in hertz, rising: what `melFrequencies` or `fftFrequencies` gives. */
  readonly frequencies: ArrayLike<number>;
  /** Stands above the picture. */
  readonly title?: string;
  /** Of the whole, in CSS pixels; default 900 × 360. */
  readonly width?: number;
  readonly height?: number;
}

const NAMES = ['frameRate', 'frequencies', 'title', 'width', 'height', 'range', 'colors', 'layout'];
const MARGIN = { left: 64, right: 16, top: 16, bottom: 44 };
const TITLE_HEIGHT = 24;
/** The longest side, in pixels, that browsers draw. */
const MOST_SIDE = 32_767;
/** The least room of a label, in pixels. */
const LABEL_HEIGHT = 18;
const LABEL_WIDTH = 80;

/**
 * A spectrogram as an SVG document with axes in seconds and hertz, for people to look at: it stands alone, the picture inside as a PNG.
 *
 * @throws AudioError AUDIO_SPECTROGRAM where there is nothing to draw, AUDIO_TOO_LARGE where too much; AUDIO_OPTION where frequencies do not fit the bins, or
 *   an option cannot be meant
 */
export function spectrogramSvg(spectrogram: TensorLike<'float32'>, options: SpectrogramSvgOptions): string {
  checkNames('spectrogramSvg', checkOptions('spectrogramSvg', options), NAMES);
  const levels = levelsOf(spectrogram, options);
  const { frameRate, frequencies, title, width = 900, height = 360 } = options;
  checkDrawing(levels, options, width, height);
  const top = MARGIN.top + (title === undefined ? 0 : TITLE_HEIGHT);
  const area = { left: MARGIN.left, top, width: width - MARGIN.left - MARGIN.right, height: height - top - MARGIN.bottom };
  const bottom = area.top + area.height;

  const times = roundTicks(levels.width / frameRate, Math.max(1, area.width / LABEL_WIDTH));
  const pitches = frequencyTicks(frequencies, LABEL_HEIGHT / area.height);
  const alongTime = times.map(({ value, at }: Tick) => {
    const x = fixed(area.left + at * area.width);
    return `<path d="M${x} ${bottom}v5"/><text x="${x}" y="${bottom + 18}" text-anchor="middle">${value}</text>`;
  });
  const alongFrequency = pitches.map(({ value, at }: Tick) => {
    const y = fixed(bottom - at * area.height);
    return `<path d="M${area.left} ${y}h-5"/><text x="${area.left - 8}" y="${y}" dy="0.35em" text-anchor="end">${fixed(value)}</text>`;
  });
  const middle = fixed(area.top + area.height / 2);
  const heading = title === undefined ? '' : `<text x="${area.left}" y="${MARGIN.top + 10}" font-size="15">${escaped(title)}</text>`;
  const box = `x="${area.left}" y="${area.top}" width="${area.width}" height="${area.height}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">
<title>${escaped(title ?? 'Spectrogram')}</title>
<rect width="100%" height="100%" fill="#fff"/>
<g font-family="system-ui, sans-serif" font-size="12" fill="#222" stroke="none">
${heading}
<image ${box} preserveAspectRatio="none" href="data:image/png;base64,${base64(palettePng(levels))}"/>
<g stroke="#222" fill="none"><rect ${box}/></g>
<g stroke-width="1">${[...alongTime, ...alongFrequency].join('').replaceAll('<path ', '<path stroke="#222" ')}</g>
<text x="${fixed(area.left + area.width / 2)}" y="${bottom + 36}" text-anchor="middle">seconds</text>
<text x="16" y="${middle}" text-anchor="middle" transform="rotate(-90 16 ${middle})">hertz</text>
</g>
</svg>
`;
}

function checkDrawing(
  { height: bins }: Levels,
  { frameRate, frequencies, title }: SpectrogramSvgOptions,
  width: number,
  height: number,
): void {
  const fail = (message: string, fix?: string) => new AudioError({ code: 'AUDIO_OPTION', message, ...(fix === undefined ? {} : { fix }) });
  if (!(typeof frameRate === 'number' && frameRate >= 1e-6 && frameRate <= 1e9)) {
    throw fail(
      `frameRate is ${shown(frameRate)}, but a number from 1e-6 to 1e9 was expected.`,
      'It is the sampling rate divided by the hop.',
    );
  }
  const isRising = (all: readonly number[]) => all.every((f, i) => Number.isFinite(f) && f >= 0 && (i === 0 || f > all[i - 1]!));
  if (frequencies?.length !== bins || !isRising(Array.from(frequencies))) {
    throw fail(`frequencies are ${shown(frequencies?.length)} numbers, but ${bins} rising ones, one for each bin, were expected.`);
  }
  const least = { width: MARGIN.left + MARGIN.right + 1, height: MARGIN.top + TITLE_HEIGHT + MARGIN.bottom + 1 };
  for (const [name, value] of Object.entries({ width, height } as const)) {
    const from = least[name as keyof typeof least];
    if (!(Number.isSafeInteger(value) && value >= from && value <= MOST_SIDE))
      throw fail(`${name} is ${shown(value)}, but a whole number from ${from} to ${MOST_SIDE} was expected.`);
  }
  if (title !== undefined && typeof title !== 'string') throw fail(`title is ${shown(title)}, but text was expected.`);
}

/** At most two places after the point. */
function fixed(value: number): string {
  return String(Math.round(value * 100) / 100);
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** Text of an XML 1.0 document, which has no place for most control characters and for half a character. */
function escaped(text: string): string {
  const characters = text.replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd');
  return characters.replace(/[&<>]/g, (character) => ENTITIES[character]!);
}

function base64(bytes: Uint8Array): string {
  let text = '';
  // A multiple of 3, so that no part but the last is padded; small enough for an argument list.
  for (let i = 0; i < bytes.length; i += 24_576) text += btoa(String.fromCharCode(...bytes.subarray(i, i + 24_576)));
  return text;
}
