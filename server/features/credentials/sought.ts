import type { Database } from '#models/database.js';
import { COUNTED, counting, holds, values, type Put } from '#models/paging.js';
import { fromCredentialLetters, lettersOf, longWords, wordsOf } from '#models/user-search.js';
import { type CredentialFilters, type Table, type WalkOf } from './orders.js';

/** What the credentials `c` are read from, as the rest of a SELECT from FROM on. */
export type Source = (put: Put) => string;

/**
 * Where to look for what was typed: at those few that an index names for its letters, to be put in order afterwards. Null
 * where it names many, who are soon met in every order, or where too little was typed.
 */
export async function fewSought(
  { dialect, read }: Pick<Database, 'dialect' | 'read'>,
  { tenantId }: Pick<WalkOf, 'tenantId'>,
  table: Table,
  { q = '' }: CredentialFilters,
): Promise<Source | null> {
  const words = longWords(wordsOf(q));
  if (words.length === 0) return null;
  const { bind, put } = values();
  const letters = lettersOf(words) ?? '';
  const holding: Source = (given) =>
    `FROM ${table} WHERE ${[`tenant_id = ${given(tenantId)}`, ...words.map((word) => holds('search_key', word, given))].join(' AND ')}`;
  const among =
    dialect === 'sqlite' ? `FROM credential_trigrams WHERE credential_trigrams MATCH ${put(letters)}` : holding(put);
  const [row] = await read(counting(among), bind);
  if (Number(row?.['found']) > COUNTED) return null;
  return dialect === 'sqlite'
    ? (given) => fromCredentialLetters(table, given(letters))
    : // OFFSET keeps PostgreSQL from walking along the order past everything else after all.
      (given) => `FROM (SELECT * ${holding(given)} OFFSET 0) c`;
}
