export { type StarterInfo, starter } from './starter.js';
