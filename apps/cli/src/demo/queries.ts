/** What the demo asks. The picture is Twemoji's drawing of a concept; the pictures searched are Noto's. */
export type DemoQuery =
  | { readonly text: string; readonly language: 'en' | 'zh' }
  | { readonly pictureOf: string; readonly vendor: 'twemoji' };

export const demoQueries: readonly DemoQuery[] = [
  { text: 'a red heart', language: 'en' },
  { text: 'something to eat for breakfast', language: 'en' },
  { text: 'a cat that laughs', language: 'en' },
  { text: 'a person running', language: 'en' },
  { text: 'a city at night', language: 'en' },
  { text: '下雨天', language: 'zh' },
  { text: '月亮', language: 'zh' },
  { text: '花', language: 'zh' },
  { text: '红色的汽车', language: 'zh' },
  // A locomotive.
  { pictureOf: '1F682', vendor: 'twemoji' },
];
