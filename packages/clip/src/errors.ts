import { PolymodalError } from '@polymodal/modality-registry';

/** What `@polymodal/clip` throws: configurations, folders and inputs that do not fit. */
export class ClipError extends PolymodalError {}
