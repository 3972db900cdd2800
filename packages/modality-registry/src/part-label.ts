import type { Modality } from './media.js';
import type { AdapterPart, Part } from './part.js';
import type { Space } from './space.js';

/** How messages and descriptions name a part: `embedder('image', { space: 'emoji-clip-v1' })`. */
export function partLabel(part: Part): string {
  const extra = part.id === undefined ? [] : [`id: '${part.id}'`];
  switch (part.kind) {
    case 'adapter':
      return call('adapter', `${endLabel(part.from)} → ${endLabel(part.to)}`, extra);
    case 'language-model':
      return call('languageModel', `${list(part.from)} → ${list(part.to)}`, extra);
    case 'generator':
      return call('generator', `${list(part.from)} → ${part.to}`, extra);
    case 'embedder':
      return call('embedder', `'${part.modality}'`, [`space: '${part.space.name}'`, ...extra]);
    default:
      return call(part.kind, `'${part.modality}'`, extra);
  }
}

/** `emoji-clip-v1 (0123456789abcdef)`. */
export function spaceLabel(space: Space): string {
  return `${space.name} (${space.fingerprint})`;
}

function call(verb: string, subject: string, options: readonly string[]): string {
  return options.length === 0 ? `${verb}(${subject})` : `${verb}(${subject}, { ${options.join(', ')} })`;
}

function list(modalities: readonly Modality[]): string {
  return modalities.join(' + ');
}

function endLabel(end: AdapterPart['from']): string {
  return end.space === undefined ? `${end.width}` : `${end.width} in ${end.space.name}`;
}
