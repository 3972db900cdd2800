import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, sep } from 'node:path';
import { AutoTokenizer as HuggingFaceTokenizer, env as huggingFace } from '@huggingface/transformers';
import { AutoTokenizer as XenovaTokenizer, env as xenova } from '@xenova/transformers';
import { saveTokenizer } from '../src/node/index.js';
import type { Tokenizer } from '../src/tokenizer.js';

export const peerNames = ['@huggingface/transformers', '@xenova/transformers'] as const;

/** One of the two with the files of a tokenizer of ours; a test says how it calls it. */
export type Peers<Peer> = Readonly<Record<(typeof peerNames)[number], Peer>>;

/** Saves a tokenizer in a folder of its own, and loads that in both transformers.js without the network. */
export async function loadInTransformers<Peer>(tokenizer: Tokenizer): Promise<Peers<Peer>> {
  const folder = await mkdtemp(join(tmpdir(), 'polymodal-tokenizer-'));
  try {
    await saveTokenizer(tokenizer, folder);
    for (const env of [huggingFace, xenova]) {
      env.allowRemoteModels = false;
      env.allowLocalModels = true;
      env.localModelPath = tmpdir() + sep;
    }
    const name = basename(folder);
    return {
      '@huggingface/transformers': (await HuggingFaceTokenizer.from_pretrained(name)) as never,
      '@xenova/transformers': (await XenovaTokenizer.from_pretrained(name)) as never,
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}
