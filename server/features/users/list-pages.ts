import type { Request, Response } from 'express';
import type { z } from 'zod';
import { can } from '#policies/can.js';
import { readQuery } from '#server/input/read.js';
import { show } from '#server/http/page.js';
import { signedIn } from '#server/http/request.js';
import { userQuery } from './input.js';
import { offeredRoles } from './grant.js';
import { listUsers, type UserPage } from './list.js';

type Query = z.infer<typeof userQuery>;

export async function showUsers(req: Request, res: Response): Promise<void> {
  const context = signedIn(req);
  const query = readQuery(userQuery, req.query);
  const [found, roles] = await Promise.all([listUsers(context, query, query), offeredRoles(context)]);
  show(res, 'users/index', {
    title: 'Users',
    users: found.users,
    filters: query,
    filtered: Object.keys(filtersOf(query)).length > 0,
    roles: roles.map(({ id, name }) => ({ value: id, label: name })),
    headings: sortedColumns(query),
    pager: pagerOf(query, found),
    mayCreate: can(context.actor, 'users:write'),
  });
}

const COLUMNS = {
  name: 'Name',
  username: 'Username',
  email: 'E-mail',
  status: 'Status',
  lastSignedInAt: 'Last sign-in',
  createdAt: 'Created',
} as const;

function sortedColumns(query: Query) {
  const sorted = Object.entries(COLUMNS).map(([column, label]) => {
    const direction = query.sort === column ? 'ascending' : query.sort === `-${column}` ? 'descending' : null;
    const sort = direction === 'ascending' ? `-${column}` : column;
    return [column, { label, direction, href: linkTo({ ...filtersOf(query), sort }) }] as const;
  });
  return Object.fromEntries(sorted);
}

function pagerOf(query: Query, { users, page, from, total, hasNext }: UserPage) {
  const same = { ...filtersOf(query), ...(query.sort === 'name' ? {} : { sort: query.sort }) };
  const [first, last] = [users[0], users.at(-1)];
  const previous = page === 2 ? {} : { page: String(page - 1), before: first?.id ?? '' };
  return {
    from: users.length === 0 ? 0 : from,
    to: from + users.length - 1,
    total,
    previous: page > 1 ? linkTo({ ...same, ...previous }) : null,
    next: hasNext ? linkTo({ ...same, page: String(page + 1), after: last?.id ?? '' }) : null,
  };
}

/** What is asked of the users, without the order and the place. */
function filtersOf({ q, status, roleId, twoFactor, locked, stale }: Query): Record<string, string> {
  const asked = Object.entries({ q, status, roleId, twoFactor, locked, stale });
  return Object.fromEntries(asked.filter((one): one is [string, string] => one[1] !== undefined && one[1] !== ''));
}

function linkTo(query: Record<string, string>): string {
  const text = new URLSearchParams(query).toString();
  return text === '' ? '/admin/users' : `/admin/users?${text}`;
}
