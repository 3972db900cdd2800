import { ImageError } from '../errors.js';

const importSharp = () => import('sharp');
type Sharp = Awaited<ReturnType<typeof importSharp>>['default'];

/** Loads sharp, an optional peer. @throws ImageError `IMAGE_SHARP_MISSING`, which says what to install. */
export async function loadSharp(load: () => Promise<{ readonly default: Sharp }> = importSharp): Promise<Sharp> {
  try {
    return (await load()).default;
  } catch (cause) {
    throw new ImageError({
      code: 'IMAGE_SHARP_MISSING',
      message: 'decoding and encoding picture files needs the package sharp, which could not be loaded.',
      fix: 'Run: npm install sharp',
      cause,
    });
  }
}
