import type { Order } from '#models/paging.js';

/** The columns of each order. The last names a single user, and each order has an index that begins with the tenant. */
const COLUMNS = {
  name: ['u.name_key', 'u.id'],
  username: ['u.username_key'],
  email: ['u.email_key'],
  status: ['u.status', 'u.username_key'],
  lastSignedInAt: ['COALESCE(u.last_signed_in_at, 0)', 'u.id'],
  createdAt: ['u.created_at', 'u.id'],
} as const;

type Named = keyof typeof COLUMNS;

/** An order by its name; with a dash in front from the end to the beginning. */
export type Sort = Named | `-${Named}`;

const named = Object.keys(COLUMNS) as [Named, ...Named[]];
export const SORTS: readonly [Sort, ...Sort[]] = [...named, ...named.map((name) => `-${name}` as const)];

/** The columns of `users u` that this order goes by. */
export function orderOf(sort: Sort): Order {
  return { columns: COLUMNS[sort.replace('-', '') as Named], descending: sort.startsWith('-') };
}

/** Whether namesakes stand together in this order, as those of one state do who are put by their names: near its beginning, or far. */
export function goesByNames(sort: Sort): boolean {
  return isName(sort) || sort.endsWith('status');
}

/** An order by a name alone: what people do, or what is done to them, puts nobody nearer to its beginning. */
export function isName(sort: Sort): boolean {
  return ['name', 'username', 'email'].includes(sort.replace('-', ''));
}
