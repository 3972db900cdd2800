export { type ChatTemplate, type ChatTemplateOptions, chatTemplate, type RenderOptions } from './chat-template.js';
export type { Jinja } from './compile-template.js';
export { type Expansion, expandPlaceholders } from './expand-placeholders.js';
export type { ChatMessage, ContentPart } from './messages.js';
