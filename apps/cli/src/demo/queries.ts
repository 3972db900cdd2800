/** What the demo asks. The picture is Twemoji's drawing of a concept; the pictures searched are Noto's. */
export type DemoQuery =
  | { readonly text: string; readonly language: 'en' | 'zh' }
  | { readonly pictureOf: string; readonly vendor: 'twemoji' };

export const demoQueries: readonly DemoQuery[] = [
  { text: 'a red heart', language: 'en' },
  { text: 'something to eat for breakfast', language: 'en' },
  { text: 'playing music', language: 'en' },
  { text: 'a sad face', language: 'en' },
  { text: 'animals that live in the sea', language: 'en' },
  { text: '下雨天', language: 'zh' },
  { text: '生日蛋糕', language: 'zh' },
  { text: '交通工具', language: 'zh' },
  { text: '水果', language: 'zh' },
  // The pizza: far apart in drawing style between the two vendors.
  { pictureOf: '1F355', vendor: 'twemoji' },
];
