import { PolymodalError, type PolymodalErrorOptions } from './errors.js';
import { fingerprintPattern } from './fingerprint.js';
import type { Part, PartKind } from './part.js';
import { partLabel } from './part-label.js';
import type { Plugin } from './plugin.js';

/** A plugin that does not meet the contract. `plugin` is its name, where it has one. */
export class PluginError extends PolymodalError {
  readonly plugin: string | undefined;

  constructor({ plugin, ...options }: PolymodalErrorOptions & { readonly plugin?: string }) {
    super(options);
    this.plugin = plugin;
  }
}

/** The method that each kind of part must have. */
const verbs: Readonly<Record<PartKind, string>> = {
  tokenizer: 'encode',
  processor: 'process',
  encoder: 'encode',
  embedder: 'embed',
  adapter: 'adapt',
  'language-model': 'generate',
  generator: 'generate',
};

type Fields = Readonly<Record<string, unknown>>;

/**
 * Checks an object against the plugin contract, version v1, as `registry.use` does; further properties are allowed.
 *
 * @throws PluginError naming the plugin, the part and the field: PLUGIN_SHAPE, PLUGIN_SPECIFICATION_VERSION, PLUGIN_NAME, PLUGIN_VERSION,
 * PLUGIN_PART, PLUGIN_PART_KIND, PLUGIN_PART_VERB, PLUGIN_PART_FIELD, PLUGIN_PART_DUPLICATE
 */
export function validatePlugin(plugin: unknown): asserts plugin is Plugin {
  if (!isRecord(plugin)) {
    throw new PluginError({ code: 'PLUGIN_SHAPE', message: `a plugin is an object, but ${show(plugin)} was given.`, fix: makeWith });
  }
  const name = typeof plugin.name === 'string' ? plugin.name : undefined;
  const refuse = (code: string, message: string, fix: string): never => {
    throw new PluginError({
      code,
      message: `plugin ${name === undefined ? '(without a name)' : show(name)}${message}.`,
      fix,
      plugin: name,
    });
  };

  if (plugin.specificationVersion !== 'v1') {
    const given = ` has specificationVersion ${show(plugin.specificationVersion)}, but this registry reads 'v1'`;
    refuse('PLUGIN_SPECIFICATION_VERSION', given, `${makeWith} Or install the release of the plugin that is made for v1.`);
  }
  if (name === undefined || !/^[^\s\p{C}]{1,214}$/u.test(name)) {
    const given = ` has the name ${show(plugin.name)}, but a name is 1 to 214 characters without spaces`;
    refuse('PLUGIN_NAME', given, `Name it 'package/thing', such as '@acme/depth'.`);
  }
  if (typeof plugin.version !== 'string' || !/^\d+\.\d+\.\d+/.test(plugin.version)) {
    refuse(
      'PLUGIN_VERSION',
      ` has the version ${show(plugin.version)}, but a version is a string such as '1.0.0'`,
      'Take it from package.json.',
    );
  }
  if (!Array.isArray(plugin.parts) || plugin.parts.length === 0) {
    refuse('PLUGIN_SHAPE', ` has parts ${show(plugin.parts)}, but parts is a list of at least one part`, 'List what the plugin offers.');
  }

  const seen = new Set<string>();
  for (const [index, part] of (plugin.parts as readonly unknown[]).entries()) {
    validatePart(part, (code, message, fix) => refuse(code, `, parts[${index}]: ${message}`, fix));
    const label = identity(part as Part);
    if (seen.has(label)) {
      refuse('PLUGIN_PART_DUPLICATE', ` offers ${label} twice`, 'Give each an `id` of its own, so that a lookup can tell them apart.');
    }
    seen.add(label);
  }
}

const makeWith = 'Make plugins with definePlugin({ name, version, parts }).';

/** Two parts of one plugin that answer to the same lookup are duplicates; a space counts with its fingerprint. */
function identity(part: Part): string {
  return part.kind === 'embedder' ? `${partLabel(part)} ${part.space.fingerprint}` : partLabel(part);
}

function validatePart(part: unknown, refuse: (code: string, message: string, fix: string) => never): void {
  if (!isRecord(part)) refuse('PLUGIN_PART', `a part is an object, but ${show(part)} was given`, 'See the README for the kinds of part.');

  const verb = typeof part.kind === 'string' && Object.hasOwn(verbs, part.kind) ? verbs[part.kind as PartKind] : undefined;
  if (verb === undefined) {
    refuse('PLUGIN_PART_KIND', `kind is ${show(part.kind)}, but a kind is one of ${Object.keys(verbs).join(', ')}`, 'Correct `kind`.');
  }
  if (typeof part[verb] !== 'function') {
    refuse('PLUGIN_PART_VERB', `${kindLabel(part.kind)} has the method ${verb}, but it is ${show(part[verb])}`, `Add ${verb}(…).`);
  }

  const need = (field: string, value: unknown, expected: string, holds: boolean): void => {
    if (!holds)
      refuse('PLUGIN_PART_FIELD', `\`${field}\` is ${show(value)}, but ${kindLabel(part.kind)} needs ${expected}`, `Correct \`${field}\`.`);
  };
  const needWidth = (field: string, value: unknown): void => need(field, value, 'a positive integer', isCount(value));
  const needSpace = (field: string, value: unknown): void => need(field, value, '{ name, fingerprint } with 16 hex digits', isSpace(value));
  const needModality = (field: string, value: unknown): void => need(field, value, "a modality's name", isModality(value));
  const needModalities = (field: string, value: unknown): void =>
    need(field, value, 'a list of modalities', Array.isArray(value) && value.length > 0 && value.every(isModality));

  need('id', part.id, 'a string, or none', part.id === undefined || typeof part.id === 'string');
  for (const method of ['dispose', 'decode'] as const) {
    need(method, part[method], 'a method, or none', part[method] === undefined || typeof part[method] === 'function');
  }
  switch (part.kind as PartKind) {
    case 'adapter':
      for (const end of ['from', 'to'] as const) {
        const value = part[end];
        need(end, value, '{ width, space? }', isRecord(value));
        needWidth(`${end}.width`, (value as Fields).width);
        if ((value as Fields).space !== undefined) needSpace(`${end}.space`, (value as Fields).space);
      }
      break;
    case 'language-model':
      needModalities('from', part.from);
      needModalities('to', part.to);
      break;
    case 'generator':
      needModalities('from', part.from);
      needModality('to', part.to);
      break;
    case 'embedder':
      needModality('modality', part.modality);
      needWidth('width', part.width);
      needSpace('space', part.space);
      break;
    case 'encoder':
      needModality('modality', part.modality);
      needWidth('width', part.width);
      break;
    case 'tokenizer':
      needModality('modality', part.modality);
      need(
        'vocabularySize',
        part.vocabularySize,
        'a positive integer, or none',
        part.vocabularySize === undefined || isCount(part.vocabularySize),
      );
      break;
    case 'processor':
      needModality('modality', part.modality);
      break;
  }
}

function kindLabel(kind: unknown): string {
  return `${/^[ae]/.test(String(kind)) ? 'an' : 'a'} ${String(kind)}`;
}

function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) > 0;
}

function isModality(value: unknown): boolean {
  return typeof value === 'string' && value.length > 0;
}

function isSpace(value: unknown): boolean {
  return (
    isRecord(value) &&
    typeof value.name === 'string' &&
    value.name.length > 0 &&
    typeof value.fingerprint === 'string' &&
    fingerprintPattern.test(value.fingerprint)
  );
}

/** A short form of anything, for a message; never long, never throws. */
function show(value: unknown): string {
  if (typeof value === 'string') return `'${value.length > 40 ? `${value.slice(0, 40)}…` : value}'`;
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (isRecord(value)) return `an object with ${Object.keys(value).slice(0, 8).join(', ') || 'no fields'}`;
  return typeof value === 'function' ? 'a function' : String(value);
}
