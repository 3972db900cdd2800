export { type Concept, loadConcepts, type Vendor } from './concepts.js';
export { DataError } from './data-package.js';
