import { definePlugin, type Image } from '@polymodal/modality-registry';
import type { LoadFile } from '../src/node/index.js';

const LETTERS = 26;

/** How often each letter occurs, plus one for the text being there at all. [27] */
function countLetters(text: string): number[] {
  const counts: number[] = new Array(LETTERS + 1).fill(0);
  counts[LETTERS] = 0.1;
  for (const letter of text.toLowerCase()) {
    const place = letter.charCodeAt(0) - 97;
    if (place >= 0 && place < LETTERS) counts[place]!++;
  }
  return counts;
}

export const lettersSpace = { name: 'letters', fingerprint: '00000000000000aa' };

/** A real space that needs no weights: texts, and pictures whose bytes are text, by how often each letter occurs. */
export function lettersPlugin(onEmbed: (count: number) => void | Promise<void> = () => undefined) {
  const embed = async (texts: readonly string[]) => {
    await onEmbed(texts.length);
    if (texts.some((text) => text.includes('UNEMBEDDABLE'))) throw new Error('cannot embed this');
    const data = Float32Array.from(texts.flatMap(countLetters));
    if (texts.some((text) => text.includes('NAN'))) data.fill(Number.NaN);
    return { vectors: { type: 'float32' as const, dims: [texts.length, LETTERS + 1], data }, space: lettersSpace };
  };
  const common = { kind: 'embedder', space: lettersSpace, width: LETTERS + 1 } as const;
  return definePlugin({
    name: 'test/letters',
    version: '1.0.0',
    parts: [
      { ...common, modality: 'text', embed },
      {
        ...common,
        modality: 'image',
        embed: (images: readonly Image[]) => embed(images.map(({ data }) => new TextDecoder().decode(data))),
      },
    ],
  });
}

export const loadLetters: LoadFile = async ({ path, bytes }) => {
  if (bytes.length === 0) throw new Error(`${path} is empty`);
  return { image: { data: bytes, width: bytes.length, height: 1, channels: 1 } };
};
