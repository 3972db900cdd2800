/** Brackets, quotes and the like that are no speech, each alone. */
const symbols = [...'"#()*+/:;<=>@[\\]^_`{|}~「」『』', ...'<< >> <<< >>> -- --- -( -[ (\' (" (( )) ((( ))) [[ ]] {{ }} ♪♪ ♪♪♪'.split(' ')];
/** U+2640 to U+267F share their first two bytes, so that the first of several ids may be suppressed too. */
const music = [...'♩♪♫♬♭♮♯'];

/** The ids to suppress so that no speaker tags and no annotations of sounds are written, ascending (openai/whisper tokenizer.py). */
export function nonSpeechTokens(encode: (text: string) => Int32Array): number[] {
  // A hyphen or an apostrophe may stand within a word, but not begin one.
  const found = new Set([encode(' -')[0]!, encode(" '")[0]!]);
  for (const symbol of [...symbols, ...music]) {
    for (const ids of [encode(symbol), encode(` ${symbol}`)]) {
      if (ids.length === 1 || music.includes(symbol)) found.add(ids[0]!);
    }
  }
  return [...found].sort((a, b) => a - b);
}
