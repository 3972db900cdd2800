/** The most bytes that Node reads or writes in one call; an index file stays below it, so what was saved can be loaded. */
export const MAX_FILE = 2 ** 31 - 1;
/** The longest JSON header of an index file: within the longest string that V8 makes. */
export const MAX_HEADER = 2 ** 28;
export const MAX_ELEMENTS = Math.floor((MAX_FILE - MAX_HEADER) / 4) - 8;
export const MAX_WIDTH = 65_536;
