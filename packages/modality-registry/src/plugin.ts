import type { Part } from './part.js';

/** A plugin is a plain object: who it is, and the parts that it offers. It may have more, such as a loaded model's own functions. */
export interface Plugin {
  readonly specificationVersion: 'v1';
  /** `package/thing`, such as `@polymodal/text-tokenizer/clip`. */
  readonly name: string;
  readonly version: string;
  readonly parts: readonly Part[];
}

/** Types a plugin and fills in `specificationVersion`; the parts keep their exact types. */
export function definePlugin<const P extends Omit<Plugin, 'specificationVersion'>>(plugin: P): P & { readonly specificationVersion: 'v1' } {
  return { ...plugin, specificationVersion: 'v1' };
}
