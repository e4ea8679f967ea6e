import type { Permission } from '#policies/permissions.js';
import type { TenantContext } from '#server/context.js';
import { record } from '#server/trace/record.js';
import { actingNow } from './acting.js';

/**
 * Notes in the log that a list is taken as a file, before the first of it goes out, and by which filters. Throws `Forbidden` for
 * who may not see the list.
 */
export async function noteExport(
  context: TenantContext,
  permission: Permission,
  event: 'users.exported' | 'api-credentials.exported',
  filters: object,
): Promise<void> {
  const chosen = Object.entries(filters).filter(([, value]) => value !== undefined && value !== '');
  // The words of a search may be somebody's name, which the log does not keep.
  const about = chosen.map(([name]) => name);
  await actingNow(context, permission, (acting) =>
    record(acting, { event, details: about.length > 0 ? { about } : {} }),
  );
}
