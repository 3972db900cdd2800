import { expect, test } from '@jest/globals';
import { clipTokenizer } from './clip/index.js';
import { loadTokenizer } from './index.js';

test("a folder of CLIP's decodes as transformers' class does, a bare tokenizer.json as huggingface/tokenizers", () => {
  const clip = clipTokenizer({ compat: 'hf' });
  const { ids } = clip.encode('Two dogs, one <cat> & "it\'s" fine');
  const file = clip.toJSON();
  const asFolder = loadTokenizer(file, clip.toConfigJSON());
  const options = { skipSpecialTokens: true };
  expect(asFolder.decode(ids, options)).toBe(clip.decode(ids, options));
  expect(loadTokenizer(file).decode(ids, options)).toContain('two</w>dogs</w>');
});
