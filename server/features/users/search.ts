import type { Database } from '#models/database.js';
import { holds, values, type Value } from '#models/paging.js';
import { fromPlaces, lettersOf, longWords, shortLettersOf, wordsOf } from '#models/user-search.js';
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
  const words = wordsOf(filters.q);
  if (words.length === 0) return plain;
  const { database } = context.services;
  if (database.dialect === 'sqlite') {
    const letters = await fewWith(context, words);
    if (letters === null) return plain;
    const part = (sql: string): Part => ({
      sql: sql.replace('FROM users u', fromPlaces(`$${bind.length + 1}`)),
      bind: [...bind, letters],
    });
    return { gathered: part(gathered), walked: part(walked) };
  }
  const long = longWords(words);
  if (long.length === 0) return plain;
  const { bind: asked, put } = values(context.tenant.id);
  const having = long.map((word) => holds('search_key', word, put)).join(' AND ');
  const sql = `SELECT 1 FROM users WHERE tenant_id = $1 AND ${having}`;
  if ((await howMany(database, sql, SCATTERED, asked)) > SCATTERED) return plain;
  // OFFSET keeps PostgreSQL from walking along the order past everybody else after all.
  return { ...plain, walked: { sql: `FROM (SELECT u.* ${walked} OFFSET 0) u WHERE TRUE`, bind } };
}

/** To look at somebody whom the index of letters names costs as much as to pass by so many along an order. */
const DEARER = 8;

/** What SQLite's index is asked for these words, where it is worth it: not where so many have them that a walk soon meets a page of them. */
async function fewWith({ services, tenant }: TenantContext, words: readonly string[]): Promise<string | null> {
  const { database } = services;
  const long = longWords(words);
  if (long.length === 0 && (await isCommon(database, tenant.id, words))) return null;
  const letters = long.length > 0 ? lettersOf(long) : await shortLettersOf(database.read, words);
  if (letters === null) return null;
  const [row] = await database.read(FEW, [tenant.id, letters]);
  return Number(row?.['found']) * DEARER <= Number(row?.['people']) ? letters : null;
}

const PEOPLE = 'SELECT COALESCE(SUM(people), 0) FROM user_counts WHERE tenant_id = $1';
const FEW = `SELECT (${PEOPLE}) AS people, COUNT(*) AS found
FROM (SELECT 1 FROM user_trigrams WHERE user_trigrams MATCH $2 LIMIT (${PEOPLE}) / ${DEARER} + 1)`;

/** How many are asked whether one or two letters are common, and how many make them so. */
const [ASKED, COMMON] = [1000, 200];

async function isCommon({ read }: Database, tenantId: string, words: readonly string[]): Promise<boolean> {
  const { bind, put } = values(tenantId);
  const having = words.map((word) => holds('search_key', word, put)).join(' AND ');
  const some = `SELECT search_key FROM users WHERE tenant_id = $1 ORDER BY created_at, id LIMIT ${ASKED}`;
  const [row] = await read(`SELECT COUNT(*) AS found FROM (${some}) WHERE ${having}`, bind);
  return Number(row?.['found']) >= COMMON;
}

// The limit stands in the text: not knowing it, PostgreSQL takes it for a small one, and does without its index.
async function howMany({ read }: Database, sql: string, most: number, bind: readonly Value[]): Promise<number> {
  const [row] = await read(`SELECT COUNT(*) AS found FROM (${sql} LIMIT ${most + 1}) AS counted`, bind);
  return Number(row?.['found']);
}
