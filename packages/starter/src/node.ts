import { fileURLToPath } from 'node:url';

/** Absolute path of the folder that holds the model, in the layout of the Hugging Face hub; nothing is read until it is loaded. */
export const starterFolder: string = fileURLToPath(new URL('../model', import.meta.url));
