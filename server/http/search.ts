import type { Request } from 'express';
import { plainLetters } from '#policies/text.js';
import { leftOut, readQuery } from '#server/input/read.js';
import { searchQuery } from '#server/input/search.js';

/**
 * The search over a list that is short enough to be read whole: what was asked for, whether a row has every word of it, and
 * what `elements/filters` shows. Cases and marks of letters do not matter.
 */
export function searchOf(req: Request, { action, label, search }: { action: string; label: string; search: string }) {
  const { q } = readQuery(searchQuery, req.query);
  const words = plainLetters(q).split(' ').filter(Boolean);
  return {
    q,
    finds(...texts: (string | null)[]): boolean {
      const text = plainLetters(texts.join(' '));
      return words.every((word) => text.includes(word));
    },
    filters: {
      ...{ action, label },
      search: { label: search, value: q },
      clear: q === '' ? null : action,
      ignored: leftOut(searchQuery, req.query).map(() => 'the search'),
    },
  };
}
