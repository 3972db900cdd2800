import { loadTokenizer, trainTokenizer } from '@polymodal/text-tokenizer';
import { clipTokenizer } from '@polymodal/text-tokenizer/clip'; // vocabulary inside

const clip = clipTokenizer();
const { ids } = clip.encode('a photo of a cat');
console.log(ids);
console.log(clip.decode(ids, { skipSpecialTokens: true }));

const batch = clip.encodeBatch(['a cat', 'two dogs &amp; a cat'], { padding: 'longest', truncation: true, maxLength: 77 });
console.log(batch.ids.dims, batch.attentionMask.data.join(' '));

// One's own, from text in any language; lines may also come from an async generator.
const mine = await trainTokenizer(['a red heart', 'a red apple', '红心', '红苹果'], {
  kind: 'byte-level-bpe',
  vocabularySize: 280,
  normalizer: ['NFKC', 'Lowercase'],
  specialTokens: { padding: '<|padding|>', begin: '<|startoftext|>', end: '<|endoftext|>' },
});
console.log(mine.decode(mine.encode('A RED 红心').ids));

// A tokenizer.json that Python and transformers.js read too, and back.
const again = loadTokenizer(JSON.stringify(mine.toJSON()), mine.toConfigJSON());
console.log(again.vocabularySize, again.idToToken(again.vocabularySize - 1));

// Where each token comes from, and text from ids that come one by one.
const { ids: parts, offsets = [] } = again.encode('ＲＥＤ 苹果', { offsets: true, addSpecialTokens: false });
const stream = again.decodeStream();
for (const [i, id] of parts.entries()) console.log(id, offsets[i], JSON.stringify(stream.push(id)));
