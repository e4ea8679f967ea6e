import type { Database, Row } from '#models/database.js';
import {
  behind,
  COUNTED,
  holds,
  orderBy,
  placeColumns,
  values,
  type Order,
  type Put,
  type Value,
} from '#models/paging.js';
import { asJson, rowsIn } from '#models/rows-as-json.js';
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
  walked: (byName: boolean) => Promise<Part>;
  /** To pass by everybody in an order; null where nothing was typed, as that is what `walked` does. */
  passed: Part | null;
  /** Whether an index of letters finds them, and so all of them at once. */
  byLetters: boolean;
}

/** With more than this many of them, people of one name stand close enough in every order to be met by walking along it. */
const SCATTERED = 20_000;

/** The users that match, begun at whoever has the letters that were typed, where those are few. */
export async function searchUsers(context: TenantContext, filters: UserFilters): Promise<Search> {
  const { gathered, walked, walkedByName, bind } = matchingUsers(context, filters);
  const words = wordsOf(filters.q);
  const plain = (): Search => ({
    gathered: { sql: gathered, bind },
    walked: (byName) => Promise.resolve({ sql: byName ? walkedByName : walked, bind }),
    passed: words.length === 0 ? null : { sql: walked, bind },
    byLetters: false,
  });
  if (words.length === 0) return plain();
  const { database } = context.services;
  if (database.dialect === 'sqlite') {
    const letters = await fewWith(context, words);
    if (letters === null) return plain();
    const part = (sql: string): Part => ({
      sql: sql.replace('FROM users u', fromPlaces(`$${bind.length + 1}`)),
      bind: [...bind, letters],
    });
    return { ...plain(), gathered: part(gathered), walked: () => Promise.resolve(part(walked)), byLetters: true };
  }
  const long = longWords(words);
  if (await isCommon(database, context.tenant.id, words)) return plain();
  const all = values(...bind);
  const named = long.length > 0 ? '' : ` AND ${having(words, all.put)}`;
  return {
    gathered: { sql: gathered + named, bind: all.bind },
    passed: { sql: walked, bind },
    byLetters: true,
    async walked() {
      const { bind: asked, put } = values(context.tenant.id);
      const some =
        long.length > 0 ? long.map((word) => holds('u.search_key', word, put)).join(' AND ') : having(words, put);
      const found = await howMany(
        database,
        `SELECT 1 FROM users u WHERE u.tenant_id = $1 AND ${some}`,
        SCATTERED,
        asked,
      );
      if (found > SCATTERED) return { sql: walked, bind };
      // OFFSET keeps PostgreSQL from walking along the order past everybody else after all.
      return { sql: `FROM (SELECT u.* ${walked + named} OFFSET 0) u WHERE TRUE`, bind: all.bind };
    },
  };
}

// PostgreSQL has an index of all one or two letters that stand side by side.
function having(words: readonly string[], put: Put): string {
  return words.map((word) => `letters_in(u.search_key) @> ARRAY[${put(word)}]`).join(' AND ');
}

/** Who matches: all of them, or of very many one more than are counted. */
export async function firstOf({ services }: TenantContext, { gathered }: Search): Promise<string[]> {
  const { database } = services;
  const first = `SELECT u.id AS id ${gathered.sql} LIMIT ${COUNTED + 1}`;
  const sql = `SELECT ${asJson(database.dialect, ['id'])} AS ids FROM (${first}) AS first_of_all`;
  const [row] = await database.read(sql, gathered.bind);
  return rowsIn(row?.['ids'], ['id']).map(({ id }) => String(id));
}

/** The first in this order, and how many match, by looking at each of them once; `found` is null where they are too many for it. */
export async function firstByLetters(
  { services }: TenantContext,
  { gathered }: Search,
  order: Order,
  limit: number,
): Promise<{ ids: string[]; found: number | null }> {
  const keys = { ...order, columns: order.columns.map((_column, at) => `key_${at}`) };
  const rows = await services.database.read(
    `WITH hits AS MATERIALIZED (SELECT u.id, ${placeColumns(order)} ${gathered.sql} LIMIT ${SCATTERED + 1})
     SELECT id, (SELECT COUNT(*) FROM hits) AS found FROM hits ${orderBy(keys)} LIMIT ${limit}`,
    gathered.bind,
  );
  const found = Number(rows[0]?.['found'] ?? 0);
  return { ids: rows.map(({ id }) => String(id)), found: found > SCATTERED ? null : found };
}

/** To look at somebody whom the index of letters names costs as much as to pass by so many along an order. */
const DEARER = 12;

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

/** Among how many it is looked whether what was typed is common, and how many make it so. */
const [ASKED, COMMON] = [1000, 200];

async function isCommon({ read }: Database, tenantId: string, words: readonly string[]): Promise<boolean> {
  const { bind, put } = values(tenantId);
  const holding = words.map((word) => holds('search_key', word, put)).join(' AND ');
  const some = `SELECT search_key FROM users WHERE tenant_id = $1 ORDER BY created_at, id LIMIT ${ASKED}`;
  const [row] = await read(`SELECT COUNT(*) AS found FROM (${some}) AS asked WHERE ${holding}`, bind);
  return Number(row?.['found']) >= COMMON;
}

/** So many are passed by for a page of whoever has the letters, before they are all looked at. */
const PASSED_BY = 2000;

/**
 * The first so many in this order, met by passing everybody from this place on. Null: too few were met soon. Thousands are met at
 * once in an order that has nothing to do with their name, or where the page before ended.
 */
export async function metSoon(
  { services }: TenantContext,
  { sql, bind }: Part,
  order: Order,
  limit: number,
  place: readonly Value[] | null,
): Promise<Row[] | null> {
  const all = values(...bind);
  const beyond = place ? `AND ${behind(order, place, all.put)}` : '';
  const next = `FROM (SELECT u.* FROM users u WHERE u.tenant_id = $1 ${beyond} ${orderBy(order)} LIMIT ${PASSED_BY}) u`;
  const met = `SELECT u.id, ${placeColumns(order)} ${sql.replace('FROM users u', next)} ${orderBy(order)} LIMIT ${limit}`;
  const rows = await services.database.read(met, all.bind);
  return rows.length < limit ? null : rows;
}

// The limit stands in the text: not knowing it, PostgreSQL takes it for a small one, and does without its index.
async function howMany({ read }: Database, sql: string, most: number, bind: readonly Value[]): Promise<number> {
  const [row] = await read(`SELECT COUNT(*) AS found FROM (${sql} LIMIT ${most + 1}) AS counted`, bind);
  return Number(row?.['found']);
}
