import { readFileSync } from 'node:fs';
import type { TensorLike } from '@polymodal/modality-registry';

const folder = new URL('./goldens/', import.meta.url);

type Manifest = Readonly<Record<string, Readonly<Record<string, { readonly file: string; readonly dims: readonly number[] }>>>>;

const manifest = JSON.parse(readFileSync(new URL('manifest.json', folder), 'utf8')) as Manifest;

/** An array that PyTorch wrote, by the names in goldens/manifest.json. */
export function golden(section: string, name: string): TensorLike<'float32'> {
  const entry = manifest[section]?.[name];
  if (entry === undefined) throw new Error(`no golden '${section}.${name}'`);
  const bytes = readFileSync(new URL(entry.file, folder));
  return { type: 'float32', dims: entry.dims, data: new Float32Array(new Uint8Array(bytes).buffer) };
}
