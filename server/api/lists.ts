import * as z from 'zod';
import type { TenantContext } from '#server/context.js';
import { makeCursor, readCursor } from './cursor.js';

const MOST_ROWS = 200;

/** The query of every list: `limit` (1 to 200) and the `cursor` that the page before gave. */
export const listQuery = z.strictObject({
  limit: z.coerce
    .number({ error: `Send a whole number from 1 to ${MOST_ROWS}.` })
    .int()
    .min(1)
    .max(MOST_ROWS)
    .default(50)
    .describe('How many rows at most.'),
  cursor: z.string().max(2000).optional().describe('The `next` of the page before.'),
});

export type ListQuery = z.output<typeof listQuery>;

/** The answer of every list: a page of rows, and the cursor of the next, or null. */
export function listOf(row: z.ZodType) {
  return z.object({
    data: z.array(row),
    next: z.string().nullable().describe('The cursor of the next page; null at the end.'),
  });
}

/**
 * One page of a list that is short enough to be read whole, newest first by its ids (UUIDv7 sorts by time). A row that
 * goes while somebody leafs through it moves no other.
 */
export function pageOf<T extends { id: string }>(
  context: TenantContext,
  list: string,
  rows: readonly T[],
  { limit, cursor }: ListQuery,
): { data: T[]; next: string | null } {
  const [after] = cursor === undefined ? [] : readCursor(context, list, cursor);
  const behind = [...rows]
    .sort((one, other) => (one.id < other.id ? 1 : -1))
    .filter(({ id }) => after === undefined || id < String(after));
  const data = behind.slice(0, limit);
  const last = data.at(-1);
  return { data, next: last && behind.length > limit ? makeCursor(context, list, [last.id]) : null };
}

/** One page of a list that is short enough to be read whole, in the order that it has, by what names each of its rows. */
export function pageInOrder<T>(
  context: TenantContext,
  list: string,
  rows: readonly T[],
  nameOf: (row: T) => string,
  { limit, cursor }: ListQuery,
): { data: T[]; next: string | null } {
  const [after] = cursor === undefined ? [] : readCursor(context, list, cursor);
  const from = after === undefined ? 0 : rows.findIndex((row) => nameOf(row) === String(after)) + 1;
  const data = rows.slice(from, from + limit);
  const last = data.at(-1);
  return { data, next: last && from + limit < rows.length ? makeCursor(context, list, [nameOf(last)]) : null };
}
