import type { Request, Response } from 'express';
import type { z } from 'zod';
import type { Actor } from '#policies/actor.js';
import { BULK_ACTIONS, KINDS } from '#policies/bulk-actions.js';
import { can } from '#policies/can.js';
import { Forbidden } from '#server/errors.js';
import { leftOut, readQuery } from '#server/input/read.js';
import type { Problem } from '#server/http/form.js';
import { show } from '#server/http/page.js';
import { signedIn } from '#server/http/request.js';
import { userQuery } from './input.js';
import { CHECKS, LABELS, selectsOf, type Choices } from './filter-pages.js';
import { filtersIn } from './filters.js';
import { offeredRoles } from './grant.js';
import { listUsers, type UserPage } from './list.js';

type Query = z.infer<typeof userQuery>;

/** The list, or the part of it that was asked for; after a mistake in what was to be done to many, the part it was sent from. */
export async function showUsers(req: Request, res: Response, problem?: Problem): Promise<void> {
  const context = signedIn(req);
  if (!can(context.actor, 'users:read')) throw new Forbidden();
  const given = problem ? problem.values : req.query;
  const query = readQuery(userQuery, given);
  const [found, roles] = await Promise.all([listUsers(context, query, query), offeredRoles(context)]);
  const asked = filtersOf(query);
  const filtered = Object.keys(asked).length > 0;
  const choices = roles.map(({ id, name }) => ({ value: id, label: name }));
  show(res, 'users/index', {
    title: 'Users',
    users: found.users,
    filtered,
    filters: {
      action: PATH,
      label: 'Users',
      search: { label: 'Name, username or e-mail', value: query.q },
      selects: selectsOf(query, choices),
      checks: Object.entries(CHECKS).map(([name, label]) => ({ name, label, checked: name in asked })),
      chosen: Object.keys(asked).filter((name) => name !== 'q').length,
      clear: filtered ? PATH : null,
      ignored: [
        ...leftOut(userQuery, given).map((name) => LABELS[name] ?? name),
        ...(query.page > found.page ? [`page ${query.page}, which is not there`] : []),
      ],
    },
    headings: sortedColumns(query),
    pager: pagerOf(query, found),
    exportHref: linkTo(asked, '/admin/users/export.csv'),
    mayCreate: can(context.actor, 'users:write'),
    bulk: bulkOf(
      context.actor,
      query,
      found,
      roles.filter(({ mayGrant }) => mayGrant).map(({ id, name }) => ({ value: id, label: name })),
    ),
    ...problem,
  });
}

const PATH = '/admin/users';
const COLUMNS = { name: 'Person', status: 'Status', lastSignedInAt: 'Last sign-in' } as const;

/** What can be done to those chosen, or to all that the filters find; null for who may do nothing of it. */
function bulkOf(actor: Actor, query: Query, { total, users, page }: UserPage, roles: Choices) {
  const actions = BULK_ACTIONS.filter((action) => can(actor, KINDS[action].permission));
  if (actions.length === 0 || users.length === 0) return null;
  const { roleId: heldRoleId = '', ...filters } = filtersOf(query);
  const { sort, after = '', before = '' } = query;
  return {
    actions: actions.map((value) => ({ value, label: KINDS[value].label })),
    roles,
    all: total === users.length ? null : `All ${total.toLocaleString('en-GB')} that this list finds`,
    sentFrom: { ...filters, heldRoleId, sort, page: String(page), after, before },
  };
}

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
function filtersOf(query: Query): Record<string, string> {
  const asked = Object.entries(filtersIn(query));
  return Object.fromEntries(asked.filter((one): one is [string, string] => one[1] !== undefined && one[1] !== ''));
}

function linkTo(query: Record<string, string>, path = PATH): string {
  const text = new URLSearchParams(query).toString();
  return text === '' ? path : `${path}?${text}`;
}
