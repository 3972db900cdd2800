import { PolymodalError } from '@polymodal/modality-registry';

/** What `@polymodal/retrieval` throws on bad input: a damaged index file, vectors of another space, an impossible `k` … */
export class RetrievalError extends PolymodalError {}
