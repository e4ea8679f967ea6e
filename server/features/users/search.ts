import type { Database } from '#models/database.js';
import { COUNTED, holds, values, type Value } from '#models/paging.js';
import { fromLetters, lettersOf, longWords, wordsOf } from '#models/user-search.js';
import type { TenantContext } from '#server/context.js';
import { matchingUsers, type UserFilters } from './filters.js';

/** The rest of a SELECT from FROM on, and its values. */
export interface Part {
  sql: string;
  bind: readonly Value[];
}

/** The same as `Matching`, by the way that costs the least for what was typed. */
export interface Search {
  gathered: Part;
  walked: Part;
}

/** With more than this many of them, people of one name stand close enough in every order to be met by walking along it. */
const SCATTERED = 10_000;

/** The users that match, begun at whoever has the letters that were typed, where those are few. */
export async function searchUsers(context: TenantContext, filters: UserFilters): Promise<Search> {
  const { gathered, walked, bind } = matchingUsers(context, filters);
  const plain = { gathered: { sql: gathered, bind }, walked: { sql: walked, bind } };
  const words = longWords(wordsOf(filters.q));
  if (words.length === 0) return plain;
  const { database } = context.services;
  if (database.dialect === 'sqlite') {
    const letters = lettersOf(words) ?? '';
    if ((await howMany(database, LETTERS, COUNTED, [letters])) > COUNTED) return plain;
    return {
      ...plain,
      gathered: { sql: gathered.replace('FROM users u', fromLetters(`$${bind.length + 1}`)), bind: [...bind, letters] },
    };
  }
  const { bind: asked, put } = values(context.tenant.id);
  const having = words.map((word) => holds('search_key', word, put)).join(' AND ');
  const sql = `SELECT 1 FROM users WHERE tenant_id = $1 AND ${having}`;
  if ((await howMany(database, sql, SCATTERED, asked)) > SCATTERED) return plain;
  // OFFSET keeps PostgreSQL from walking along the order past everybody else after all.
  return { ...plain, walked: { sql: `FROM (SELECT u.* ${walked} OFFSET 0) u WHERE TRUE`, bind } };
}

const LETTERS = 'SELECT 1 FROM user_trigrams WHERE user_trigrams MATCH $1';

// The limit stands in the text: not knowing it, PostgreSQL takes it for a small one, and does without its index.
async function howMany({ read }: Database, sql: string, most: number, bind: readonly Value[]): Promise<number> {
  const [row] = await read(`SELECT COUNT(*) AS found FROM (${sql} LIMIT ${most + 1}) AS counted`, bind);
  return Number(row?.['found']);
}
