import { cellOfNames } from '#policies/name-lists.js';
import type { TenantContext } from '#server/context.js';
import { noteExport } from '#server/identity/note-export.js';
import { csvHeadings, csvRows } from '#server/lib/csv.js';
import type { UserFilters } from './filters.js';
import { followUsers, type FollowedUser } from './follow.js';

/** The columns of the file, which are those that an import takes. */
const COLUMNS = ['username', 'name', 'email', 'roles', 'status', 'kind'] as const;
const AT_ONCE = 500;

/**
 * All that these filters find as CSV, in parts, each read when the one before has gone: a hundred thousand take no more
 * memory than fifty. That it was asked for stands in the log before the first of it goes out.
 */
export async function exportUsers(context: TenantContext, filters: UserFilters): Promise<AsyncGenerator<string>> {
  await noteExport(context, 'users:read', 'users.exported', filters);
  return parts(context, filters);
}

async function* parts(context: TenantContext, filters: UserFilters): AsyncGenerator<string> {
  yield csvHeadings(COLUMNS);
  let after: Awaited<ReturnType<typeof followUsers>>['next'] = null;
  do {
    const { users, next } = await followUsers(context, filters, { sort: 'username', limit: AT_ONCE, after });
    if (users.length > 0) yield csvRows(users.map(cellsOf));
    after = next;
  } while (after !== null);
}

function cellsOf({ username, name, email, roles, status, kind }: FollowedUser): string[] {
  return [username, name, email, cellOfNames(roles.map((role) => role.name).sort()), status, kind];
}
