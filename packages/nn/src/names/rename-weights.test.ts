import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import type { TensorLike } from '@polymodal/modality-registry';
import { allSpelled } from '../formats/goldens.js';
import { clipNames } from './clip-names.js';
import { invertNames, type NameTable, renameWeights } from './rename-weights.js';
import { vitNames } from './vit-names.js';
import { whisperNames } from './whisper-names.js';

interface Side {
  readonly [name: string]: { readonly dims: readonly number[]; readonly data: string };
}

/** The same model under both names; of every row of its tensors the first value. */
const goldens: Readonly<Record<'vit' | 'whisper', { readonly original: Side; readonly huggingFace: Side }>> = JSON.parse(
  readFileSync(new URL('../goldens/names.json', import.meta.url), 'utf8'),
);

function tensorsOf(side: Side): Map<string, TensorLike> {
  const floats = (data: string) => new Float32Array(new Uint8Array(Buffer.from(data, 'base64')).buffer);
  return new Map(Object.entries(side).map(([name, { dims, data }]) => [name, { type: 'float32', dims, data: floats(data) }]));
}

const row = (...values: number[]): TensorLike => ({ type: 'float32', dims: [1, values.length], data: Float32Array.from(values) });
const refusal = (code: string, says: RegExp) => expect.objectContaining({ code, message: expect.stringMatching(says) });

describe('published names', () => {
  test.each([
    ['vit', vitNames],
    ['whisper', whisperNames],
  ] as const)('%s: original and Hugging Face, there and back', (kind, table) => {
    const [original, huggingFace] = [goldens[kind].original, goldens[kind].huggingFace].map(tensorsOf) as [
      Map<string, TensorLike>,
      Map<string, TensorLike>,
    ];
    expect(allSpelled(renameWeights(original, table))).toEqual(allSpelled(huggingFace));
    expect(allSpelled(renameWeights(huggingFace, invertNames(table)))).toEqual(allSpelled(original));
  });

  // That the values are right too, the goldens of @polymodal/clip show.
  test('CLIP: there and back, turned projections and scalars included', () => {
    const weights = new Map<string, TensorLike>([
      ['logit_scale', { type: 'float32', dims: [], data: Float32Array.of(4) }],
      ['text_projection', { type: 'float16', dims: [2, 3], data: Uint16Array.of(1, 2, 3, 4, 5, 6) }],
      ['visual.transformer.resblocks.11.attn.in_proj_bias', { type: 'float32', dims: [6], data: Float32Array.of(1, 2, 3, 4, 5, 6) }],
      ['transformer.resblocks.0.mlp.c_fc.weight', row(7)],
    ]);
    const renamed = renameWeights(new Map([...weights, ['vocab_size', row(1)]]), clipNames);
    expect(renamed.get('text_projection.weight')).toEqual({ type: 'float16', dims: [3, 2], data: Uint16Array.of(1, 4, 2, 5, 3, 6) });
    expect(renamed.get('vision_model.encoder.layers.11.self_attn.k_proj.bias')).toMatchObject({ dims: [2], data: Float32Array.of(3, 4) });
    expect([...renamed.keys()]).toEqual([
      'logit_scale',
      'text_projection.weight',
      'vision_model.encoder.layers.11.self_attn.q_proj.bias',
      'vision_model.encoder.layers.11.self_attn.k_proj.bias',
      'vision_model.encoder.layers.11.self_attn.v_proj.bias',
      'text_model.encoder.layers.0.mlp.fc1.weight',
    ]);
    const ids = new Map([...renamed, ['text_model.embeddings.position_ids', row(1)]]);
    expect(renameWeights(ids, invertNames(clipNames))).toEqual(weights);
  });
});

describe('renameWeights', () => {
  const table: NameTable = {
    rules: [
      { from: 'fused', to: ['a', 'b'] },
      { from: 'turned', to: 'straight', transposed: true },
      { from: 'layers.*.x', to: 'y.*' },
      { from: 'other.*', to: 'y.*' },
    ],
  };

  test('shares what is the same, and does not touch what it is given', () => {
    const x = row(1);
    const fused: TensorLike = { type: 'float32', dims: [2], data: Float32Array.of(1, 2) };
    const renamed = renameWeights(
      new Map([
        ['layers.0.x', x],
        ['fused', fused],
      ]),
      table,
    );
    expect(renamed.get('y.0')).toBe(x);
    expect(renamed.get('b')!.data.buffer).toBe(fused.data.buffer);
  });

  test('a dot, or several parts, are no part', () => {
    expect(() =>
      renameWeights(
        new Map([
          ['layers.0.1.x', row(1)],
          ['layersx0.x', row(1)],
        ]),
        table,
      ),
    ).toThrow(refusal('CHECKPOINT_UNEXPECTED', /does not know "layers.0.1.x", "layersx0.x"\./));
    const kept = renameWeights(new Map([['layers.0.1.x', row(1)]]), table, { strict: false });
    expect([...kept.keys()]).toEqual(['layers.0.1.x']);
  });

  test.each<[string, RegExp, [string, TensorLike][], NameTable]>([
    [
      'CHECKPOINT_NAME',
      /Two .* "y.0"/,
      [
        ['layers.0.x', row(1)],
        ['other.0', row(2)],
      ],
      table,
    ],
    ['CHECKPOINT_MISSING', /lack "b", which belong with "a"/, [['a', row(1)]], invertNames(table)],
    ['CHECKPOINT_SHAPE', /"fused" has dims \[1, 2\], which do not divide into 2/, [['fused', row(1, 2)]], table],
    ['CHECKPOINT_SHAPE', /"turned" is to be transposed/, [['turned', { ...row(1), dims: [1] }]], table],
    [
      'CHECKPOINT_SHAPE',
      /"b" is float32 \[1, 2\], but "a"/,
      [
        ['a', row(1)],
        ['b', row(1, 2)],
      ],
      invertNames(table),
    ],
  ])('%s: %s', (code, says, weights, names) => {
    expect(() => renameWeights(new Map(weights), names)).toThrow(refusal(code, says));
  });
});
