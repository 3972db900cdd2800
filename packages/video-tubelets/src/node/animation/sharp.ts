import { VideoError } from '../../errors.js';

const importSharp = () => import('sharp');
type Sharp = Awaited<ReturnType<typeof importSharp>>['default'];

/** Loads sharp, an optional peer. @throws VideoError `VIDEO_SHARP_MISSING`, which says what to install. */
export async function loadSharp(load: () => Promise<{ readonly default: Sharp }> = importSharp): Promise<Sharp> {
  try {
    return (await load()).default;
  } catch (cause) {
    throw new VideoError({
      code: 'VIDEO_SHARP_MISSING',
      message: 'decoding animated pictures needs the package sharp, which could not be loaded.',
      fix: 'Run: npm install sharp',
      cause,
    });
  }
}
