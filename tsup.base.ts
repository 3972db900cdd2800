import { defineConfig, type Options } from 'tsup';

/** The one build configuration: ESM only, so that a plugin's type additions and our error classes exist once (docs: "Why ESM only"). */
export function libraryConfig(entry: Record<string, string>, options: Options = {}): ReturnType<typeof defineConfig> {
  return defineConfig({
    entry,
    format: ['esm'],
    dts: true,
    clean: true,
    sourcemap: true,
    treeshake: true,
    splitting: true,
    target: 'es2022',
    platform: 'neutral',
    external: [/^@polymodal\//, /^node:/],
    ...options,
  });
}
