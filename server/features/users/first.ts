import type { Row } from '#models/database.js';
import { COUNTED, orderBy, placeColumns, values, type Order } from '#models/paging.js';
import { asJson, rowsIn } from '#models/rows-as-json.js';
import { fromBeginnings, fromPlaces } from '#models/user-search.js';
import type { TenantContext } from '#server/context.js';
import { goesByNames, orderOf, type Sort } from './order.js';
import { SCATTERED, type Search } from './search.js';

/** Who matches: all of them, or of very many one more than are counted. */
export async function firstOf({ services }: TenantContext, { gathered }: Search): Promise<string[]> {
  const { database } = services;
  const first = `SELECT u.id AS id ${gathered.sql} LIMIT ${COUNTED + 1}`;
  const sql = `SELECT ${asJson(database.dialect, ['id'])} AS ids FROM (${first}) AS first_of_all`;
  const [row] = await database.read(sql, gathered.bind);
  return rowsIn(row?.['ids'], ['id']).map(({ id }) => String(id));
}

/**
 * The first in this order, each with where it stands, and how many match, by looking at each of them once. Null: they are too
 * many for it, or met sooner along the order.
 */
export async function firstAtOnce(
  context: TenantContext,
  search: Search,
  sort: Sort,
  limit: number,
): Promise<{ rows: Row[]; found: number } | null> {
  const { gathered, byLetters, amongFew } = search;
  if (!(byLetters ? goesByNames(sort) : amongFew)) return null;
  const order = orderOf(sort);
  const most = byLetters ? SCATTERED : COUNTED;
  const soon = await firstByBeginnings(context, search, order, limit);
  if (soon) return soon;
  const keys = { ...order, columns: order.columns.map((_column, at) => `key_${at}`) };
  const { bind, put } = values(...gathered.bind);
  const rows = await context.services.database.read(
    `WITH hits AS MATERIALIZED (SELECT u.id, ${placeColumns(order)} ${gathered.sql} LIMIT ${most + 1})
     SELECT hits.*, (SELECT COUNT(*) FROM hits) AS found FROM hits ${orderBy(keys)} LIMIT ${put(limit)}`,
    bind,
  );
  const found = Number(rows[0]?.['found'] ?? 0);
  return found > most ? null : { rows, found };
}

/** So many more than are shown are looked at: not all that have the letters have the word. */
const SPARE = 10;

/**
 * The same of thousands who have the letters, in an order of names: whose keys begin as those of the first few do, and nobody else, is
 * looked at for it, and of all the others as many as are counted. Null where that is not known, or was too few.
 */
export async function firstByBeginnings(
  { services }: TenantContext,
  { gathered, manyWith }: Search,
  order: Order,
  limit: number,
): Promise<{ rows: Row[]; found: number } | null> {
  const sources = manyWith === null ? null : fromBeginnings(order, gathered.bind.length, limit + SPARE);
  if (!sources) return null;
  const { begun, first, all } = sources;
  const from = (source: string): string => gathered.sql.replace(fromPlaces(`$${gathered.bind.length}`), source);
  const sql = `${begun} SELECT u.id, ${placeColumns(order)}, (SELECT COUNT(*) FROM (SELECT 1 ${from(all)} LIMIT ${COUNTED + 1})) AS found
    ${from(first)} ${orderBy(order)} LIMIT ${limit}`;
  const rows = await services.database.read(sql, gathered.bind);
  const found = Number(rows[0]?.['found'] ?? 0);
  return rows.length === 0 || rows.length < Math.min(limit, found) ? null : { rows, found };
}
