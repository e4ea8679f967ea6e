import type { Route } from '#server/http/route.js';
import { rowOf } from '../support/database.js';
import type { Portal } from '../support/portal.js';
import { nounOf, tableOf } from '../support/routes.js';

/** The id of what this noun names and this member of the cast has: themselves, their organisation, or a row of theirs. */
export async function idOf(portal: Portal, noun: string, who: string): Promise<string> {
  const userId = portal.idOf(who);
  if (noun === 'users') return userId;
  const [row] = await portal.database.read('SELECT tenant_id FROM users WHERE id = $1', [userId]);
  const tenantId = String(row?.['tenant_id']);
  return noun === 'tenants' ? tenantId : rowOf(portal.database, tableOf(noun), { tenantId, userId });
}

/** What to put into the path of a route, so that it names something of this member of the cast. */
export async function ownValues(portal: Portal, route: Route, who: string): Promise<Record<string, string>> {
  const noun = nounOf(route);
  return noun === null ? {} : { id: await idOf(portal, noun, who) };
}
