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
import { HOLDERS_OF_ROLE } from '#models/user-counts.js';
import { fromPlaces, lettersOf, longWords, shortLettersOf, wordsOf } from '#models/user-search.js';
import type { TenantContext } from '#server/context.js';
import { filtersIn, matchingUsers, type UserFilters } from './filters.js';
import type { Sort } from './order.js';

/** The rest of a SELECT from FROM on, and its values. */
export interface Part {
  sql: string;
  bind: readonly Value[];
}

/** The same as `Matching`, by the way that costs the least for what was typed. */
export interface Search {
  gathered: Part;
  walked: (sort: Sort) => Promise<Part>;
  /** To pass by everybody in an order; null where nothing was typed, as that is what `walked` does. */
  passed: Part | null;
  /** Whether an index of letters finds them, and so all of them at once. */
  byLetters: boolean;
  /** Whether they are looked for among few from the beginning, whose rows are all read for it. */
  amongFew: boolean;
  /** What SQLite's index of letters was asked where it names thousands, and nothing else is asked of them. */
  manyWith: string | null;
}

/** With more than this many of them, people of one name stand close enough in every order to be met by walking along it. */
export const SCATTERED = 20_000;

/** Of more than these the first in an order of names are found by how that begins. */
const THOUSANDS = 1500;

/** The users that match, begun at whoever has the letters that were typed, where those are few. */
export async function searchUsers(context: TenantContext, filters: UserFilters): Promise<Search> {
  const holders = await holdersOf(context, filters);
  const { gathered, walked, bind } = matchingUsers(context, filters, { fewHold: holders <= FEW_HOLDERS });
  const words = wordsOf(filters.q);
  const amongFew = (filters.lacksPasskey ?? filters.administrators) !== undefined || holders <= COUNTED;
  const plain = (): Search => ({
    gathered: { sql: gathered, bind },
    walked: (sort) => Promise.resolve({ sql: walked(sort), bind }),
    passed: words.length === 0 ? null : { sql: walked(), bind },
    byLetters: false,
    amongFew,
    manyWith: null,
  });
  if (words.length === 0) return plain();
  const { database } = context.services;
  if (database.dialect === 'sqlite') {
    const few = await fewWith(context, words);
    if (few === null) return plain();
    const { letters, found } = few;
    const alone = Object.values(filtersIn(filters)).filter((asked) => asked !== undefined).length === 1;
    const part = (sql: string): Part => ({
      sql: sql.replace('FROM users u', fromPlaces(`$${bind.length + 1}`)),
      bind: [...bind, letters],
    });
    return {
      ...{ ...plain(), gathered: part(gathered), walked: () => Promise.resolve(part(walked())), byLetters: true },
      manyWith: alone && found > THOUSANDS ? letters : null,
    };
  }
  const long = longWords(words);
  if (await isCommon(database, context.tenant.id, words)) return plain();
  const all = values(...bind);
  const named = long.length > 0 ? '' : ` AND ${having(words, all.put)}`;
  return {
    gathered: { sql: gathered + named, bind: all.bind },
    passed: { sql: walked(), bind },
    byLetters: true,
    amongFew,
    manyWith: null,
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
      if (found > SCATTERED) return { sql: walked(), bind };
      // OFFSET keeps PostgreSQL from walking along the order past everybody else after all.
      return { sql: `FROM (SELECT u.* ${walked() + named} OFFSET 0) u WHERE TRUE`, bind: all.bind };
    },
  };
}

// PostgreSQL has an index of all one or two letters that stand side by side.
function having(words: readonly string[], put: Put): string {
  return words.map((word) => `letters_in(u.search_key) @> ARRAY[${put(word)}]`).join(' AND ');
}

/** A role that no more than these hold is held by few. */
const FEW_HOLDERS = 10_000;

// Where no role is asked for, everybody is asked about.
async function holdersOf({ services, tenant }: TenantContext, { roleId }: UserFilters): Promise<number> {
  if (!roleId) return Infinity;
  const [row] = await services.database.read(HOLDERS_OF_ROLE, [tenant.id, roleId]);
  return Number(row?.['found']);
}

/** To look at somebody whom the index of letters names costs as much as to pass by so many along an order. */
const DEARER = 12;

/** What SQLite's index is asked for these words, where it is worth it: not where so many have them that a walk soon meets a page of them. */
async function fewWith(
  { services, tenant }: TenantContext,
  words: readonly string[],
): Promise<{ letters: string; found: number } | null> {
  const { database } = services;
  const long = longWords(words);
  if (long.length === 0 && (await isCommon(database, tenant.id, words))) return null;
  const letters = long.length > 0 ? lettersOf(long) : await shortLettersOf(database.read, words);
  if (letters === null) return null;
  const [row] = await database.read(FEW, [tenant.id, letters]);
  const found = Number(row?.['found']);
  return found * DEARER <= Number(row?.['people']) ? { letters, found } : null;
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
