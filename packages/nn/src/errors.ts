import { PolymodalError } from '@polymodal/modality-registry';

/** What `@polymodal/nn` throws about models and training. */
export class TrainingError extends PolymodalError {}
