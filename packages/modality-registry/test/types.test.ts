import { expect, test } from '@jest/globals';
import {
  type Audio,
  createRegistry,
  definePlugin,
  type EmbedderPart,
  type GeneratorEvent,
  type Image,
  type Modality,
  type Plugin,
  type Registry,
  type TensorLike,
} from '@polymodal/modality-registry';
import { type ConformanceOptions, conformance } from '@polymodal/modality-registry/conformance';
import type { DepthMap } from './depth-plugin.js';
import { depth } from './depth-plugin.js';
import { parts } from './toy-plugin.js';
import { type Equal, expectType } from './type-equality.js';

// These statements are checked by the compiler; the test below only keeps the file a suite.
export function lookups(registry: Registry): void {
  expectType<Equal<Parameters<ReturnType<typeof registry.embedder<'audio'>>['embed']>[0], readonly Audio[]>>();
  expectType<Equal<ReturnType<typeof registry.embedder<'depth'>>, EmbedderPart<'depth'>>>();
  // @ts-expect-error no modality of this name is declared
  registry.embedder('smell');
  // @ts-expect-error a space is a name or a Space
  registry.embedder('image', { space: 7 });
  // @ts-expect-error both ends of a route are modalities
  registry.route({ from: 'text', to: 'smell' });
  // @ts-expect-error a list of pictures is wanted
  void registry.embedder('image').embed(['a string']);
}

expectType<Equal<Modality, 'text' | 'image' | 'audio' | 'video' | 'depth'>>();
expectType<Equal<Extract<GeneratorEvent<'image'>, { type: 'image' }>['image'], Image>>();

// dtype and data go together.
export const sound: TensorLike<'int64'> = { type: 'int64', dims: [1], data: new BigInt64Array(1) };
// @ts-expect-error int64 is BigInt64Array
export const unsound: TensorLike<'int64'> = { type: 'int64', dims: [1], data: new Int32Array(1) };

// definePlugin keeps the exact types of parts, and types the verbs of a literal by its kind and modality.
expectType<Equal<(typeof depth)['parts'][1]['modality'], 'depth'>>();
expectType<Equal<(typeof depth)['specificationVersion'], 'v1'>>();
export const inferred = definePlugin({
  name: 'inferred',
  version: '1.0.0',
  parts: [
    {
      kind: 'processor',
      modality: 'image',
      async process(images) {
        expectType<Equal<typeof images, readonly Image[]>>();
        return {};
      },
    },
  ],
});
// @ts-expect-error an embedder has a verb, a space and a width
definePlugin({ name: 'x', version: '1.0.0', parts: [{ kind: 'embedder', modality: 'text' }] });

// Samples follow the plugin: a list for one modality, lists by name for several.
const map: DepthMap = { metres: new Float32Array(4), width: 2, height: 2 };
const image: Image = { data: new Uint8Array(12), width: 2, height: 2 };
export const two = definePlugin({ name: 'two', version: '1.0.0', parts: [parts.tokenizer, parts.processor] });
export const three = definePlugin({ name: 'three', version: '1.0.0', parts: [parts.tokenizer, parts.generator] });
export function samples(plugin: Plugin): void {
  conformance(depth, { samples: [map] });
  conformance(depth, { samples: { depth: [map] }, roundTrip: { depth: 'raw' }, extents: { depth: (sample) => sample.metres.length } });
  conformance(two, { samples: { text: ['a'], image: [image] } });
  conformance(three, { samples: { text: ['a'] } });
  conformance(plugin, { samples: { image: [image] } });
  // @ts-expect-error depth maps are wanted
  conformance(depth, { samples: ['a'] });
  // @ts-expect-error the images are missing
  conformance(two, { samples: { text: ['a'] } });
  // @ts-expect-error which modality would these be of?
  conformance(two, { samples: ['a'] });
  const wide: ConformanceOptions = { samples: { text: ['a'], depth: [map] } };
  conformance(plugin, wide);
}

test('type statements hold at run time where they can be run', () => {
  expect(() => lookups(createRegistry([depth]))).toThrow('no installed plugin offers');
  expect(inferred.specificationVersion).toBe('v1');
});
