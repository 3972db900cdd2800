export { type LoadClipOptions, loadClip } from './load-clip.js';
export { type SaveClipOptions, saveClip } from './save-clip.js';
