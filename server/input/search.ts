import { asQuery } from './kind.js';
import { optionalLine } from './text.js';

/** What a list that is read whole is asked: words, and nothing else. */
export const searchQuery = asQuery({ q: optionalLine(100) });
