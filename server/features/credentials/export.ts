import { cellOfNames } from '#policies/name-lists.js';
import type { TenantContext } from '#server/context.js';
import { noteExport } from '#server/identity/note-export.js';
import { csvHeadings, csvRows } from '#server/lib/csv.js';
import { listCredentials, stateInWords, type ListedCredential } from './list.js';
import type { CredentialFilters } from './orders.js';

const COLUMNS = [
  ...['id', 'kind', 'name', 'first characters', 'owner', 'owner username', 'role', 'scopes', 'addresses'],
  ...['created', 'last used', 'last used from', 'expires', 'longer than the policy', 'state'],
];
const AT_ONCE = 500;

/**
 * All that these filters find as CSV, in the order of the list and in parts, each read when the one before has gone: a
 * hundred thousand take no more memory than fifty. That it was asked for stands in the log before the first of it goes out.
 * Of a secret there is what the list shows, its first characters, and nothing that opens anything.
 */
export async function exportCredentials(
  context: TenantContext,
  filters: CredentialFilters,
): Promise<AsyncGenerator<string>> {
  await noteExport(context, 'credentials:read', 'api-credentials.exported', filters);
  return parts(context, filters);
}

async function* parts(context: TenantContext, filters: CredentialFilters): AsyncGenerator<string> {
  yield csvHeadings(COLUMNS);
  let cursor: string | undefined;
  do {
    const { credentials, next } = await listCredentials(context, { ...filters, limit: AT_ONCE, cursor });
    if (credentials.length > 0) yield csvRows(credentials.map(cellsOf));
    cursor = next ?? undefined;
  } while (cursor !== undefined);
}

function cellsOf(one: ListedCredential): string[] {
  const { id, kind, name, firstCharacters, owner, role, scopes, allowedIps } = one;
  return [
    ...[id, kind, name, firstCharacters, owner.name, owner.username, role ?? ''],
    ...[scopes === null ? '' : scopes.length === 0 ? 'none' : cellOfNames(scopes), cellOfNames(allowedIps)],
    ...[timeOf(one.createdAt), timeOf(one.lastUsedAt), one.lastUsedIp ?? '', timeOf(one.expiresAt)],
    ...[one.overPolicy ? 'yes' : 'no', stateInWords(one)],
  ];
}

function timeOf(at: number | null): string {
  return at === null ? '' : new Date(at).toISOString();
}
