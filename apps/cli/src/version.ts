import { createRequire } from 'node:module';

export function version(): string {
  return (createRequire(import.meta.url)('polymodal/package.json') as { version: string }).version;
}
