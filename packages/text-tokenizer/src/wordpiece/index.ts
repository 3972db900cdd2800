export { loadWordPiece, type WordPieceLoadOptions } from './load-wordpiece.js';
