import { type DefaultTheme, defineConfig } from 'vitepress';

/** One entry per page: file name, English title, Chinese title. */
const pages = [
  ['getting-started', 'Getting started', '快速上手'],
  ['search-pictures', 'Search pictures', '搜索图片'],
  ['tokenizers', 'Tokenizers', '分词器'],
  ['pictures', 'Pictures and video', '图片与视频'],
  ['sound', 'Sound', '声音'],
  ['models', 'Models of your own', '自己的模型'],
  ['one-package', 'Use one package alone', '只用一个包'],
  ['write-a-plugin', 'Write a plugin', '编写插件'],
  ['train-the-starter', 'Train the starter', '训练 starter 模型'],
  ['transformers-js', 'To transformers.js and back', '与 transformers.js 互通'],
  ['errors', 'Errors', '错误'],
  ['onnxruntime', 'Install onnxruntime-node without CUDA', '安装 onnxruntime-node 而不下载 CUDA'],
  ['esm-only', 'Why ESM only', '为什么只提供 ESM'],
  ['layers', 'The packages and their layers', '包与分层'],
] as const;

const sidebar = (title: string, prefix: string, language: 1 | 2): DefaultTheme.SidebarItem[] => [
  { text: title, items: pages.map((page) => ({ text: page[language], link: `${prefix}/guide/${page[0]}` })) },
];

/**
 * Chinese has no spaces between words: without a segmenter, a word inside a sentence is never found.
 * VitePress sends this function to the browser as text, so it may use nothing from outside itself.
 */
function tokenize(text: string): string[] {
  const segments = new Intl.Segmenter('zh', { granularity: 'word' }).segment(text);
  return Array.from(segments)
    .filter(({ isWordLike }) => isWordLike)
    .map(({ segment }) => segment);
}

export default defineConfig({
  title: 'Polymodal',
  description: 'Small packages for multimodal learning in TypeScript',
  cleanUrls: true,
  srcExclude: ['test/**'],
  themeConfig: {
    socialLinks: [{ icon: 'github', link: 'https://github.com/polymodal/polymodal' }],
    search: {
      provider: 'local',
      options: {
        miniSearch: { options: { tokenize } },
        locales: {
          zh: {
            translations: {
              button: { buttonText: '搜索', buttonAriaLabel: '搜索' },
              modal: {
                noResultsText: '没有找到',
                resetButtonTitle: '清除',
                displayDetails: '显示详情',
                footer: { selectText: '打开', navigateText: '移动', closeText: '关闭' },
              },
            },
          },
        },
      },
    },
  },
  locales: {
    root: {
      label: 'English',
      lang: 'en',
      themeConfig: { nav: [{ text: 'Guide', link: '/guide/getting-started' }], sidebar: { '/guide/': sidebar('Guide', '', 1) } },
    },
    zh: {
      label: '简体中文',
      lang: 'zh-CN',
      description: '用 TypeScript 做多模态学习的一组小包',
      themeConfig: {
        nav: [{ text: '指南', link: '/zh/guide/getting-started' }],
        sidebar: { '/zh/guide/': sidebar('指南', '/zh', 2) },
        outline: { label: '本页内容' },
        docFooter: { prev: '上一页', next: '下一页' },
        darkModeSwitchLabel: '外观',
        lightModeSwitchTitle: '切换到浅色',
        darkModeSwitchTitle: '切换到深色',
        sidebarMenuLabel: '目录',
        returnToTopLabel: '回到顶部',
        langMenuLabel: '切换语言',
      },
    },
  },
});
