export { type Checkpoint, type Json, type LoadedCheckpoint, loadCheckpoint, saveCheckpoint } from './checkpoint.js';
export { type CheckpointFolderOptions, checkpointFolder } from './checkpoint-folder.js';
export { metricsFile } from './metrics-file.js';
export { readCheckpoint } from './read-checkpoint.js';
export { readSafetensors } from './read-safetensors.js';
export { type SaveModelOptions, saveModel } from './save-model.js';
export { type TerminalViewOptions, terminalView } from './terminal-view.js';
