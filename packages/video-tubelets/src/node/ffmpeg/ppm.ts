import type { Image } from '@polymodal/modality-registry';
import { VideoError } from '../../errors.js';
import { checkPixels } from '../../video-file.js';

/** `P6`, width, height and 255, each followed by white space: what ffmpeg writes before each frame has fewer bytes than this. */
const HEADER_BYTES = 40;

/**
 * Parts a stream of PPM pictures, raw RGB behind a header each, as its chunks come; one picture is held.
 *
 * @throws VideoError `VIDEO_TOO_LARGE` for a frame of more pixels, before allocating it; `VIDEO_DECODE` for other data, `VIDEO_TRUNCATED`.
 */
export async function* splitPpm(chunks: AsyncIterable<Uint8Array>, maxPixels: number): AsyncGenerator<Image, void, undefined> {
  let header = '';
  let frame: { readonly data: Uint8Array; readonly width: number; readonly height: number } | undefined;
  let filled = 0;
  for await (const chunk of chunks) {
    let at = 0;
    while (at < chunk.length) {
      if (!frame) {
        header += String.fromCharCode(chunk[at++]!);
        if (!header.endsWith('\n255\n')) {
          if (header.length > HEADER_BYTES) throw notPpm(header);
          continue;
        }
        frame = allocate(header, maxPixels);
        header = '';
        filled = 0;
      }
      const part = chunk.subarray(at, at + frame.data.length - filled);
      frame.data.set(part, filled);
      filled += part.length;
      at += part.length;
      if (filled < frame.data.length) continue;
      yield { ...frame, channels: 3 };
      frame = undefined;
    }
  }
  if (!frame && header === '') return;
  throw new VideoError({ code: 'VIDEO_TRUNCATED', message: 'ffmpeg stopped in the middle of a frame.' });
}

function allocate(header: string, maxPixels: number) {
  const match = /^P6\n(\d+) (\d+)\n255\n$/.exec(header);
  if (!match) throw notPpm(header);
  const [width, height] = [Number(match[1]), Number(match[2])];
  checkPixels(width, height, maxPixels);
  return { data: new Uint8Array(width * height * 3), width, height };
}

function notPpm(header: string): VideoError {
  return new VideoError({
    code: 'VIDEO_DECODE',
    message: `ffmpeg wrote ${JSON.stringify(header)}, but the header of a PPM picture was expected.`,
    fix: 'Check that { ffmpeg } names the ffmpeg program.',
  });
}
