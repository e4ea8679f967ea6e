import type { Row } from '#models/database.js';
import { can } from '#policies/can.js';
import type { TenantContext } from '#server/context.js';
import { Forbidden, NotFound } from '#server/errors.js';
import { withPersons } from '#server/trace/personal.js';

const WHOLE = `
SELECT id, seq, at, event, level, door, actor_id, actor_tenant_id, target_type, target_id, ip, client, details, session_id, request_id, hash
FROM security_events WHERE tenant_id = $1 AND id = $2`;

/** One row of the log of the caller's tenant, with what names people in it opened. Throws `NotFound`, for another tenant's too. */
export async function wholeRow(context: TenantContext, id: string): Promise<Row> {
  const { services, tenant, actor } = context;
  if (!can(actor, 'log:read')) throw new Forbidden();
  const [row] = await withPersons(services, tenant.id, await services.database.read(WHOLE, [tenant.id, id]));
  if (!row) throw new NotFound();
  return row;
}

/** What a column holds, as text. */
export function textOrNull(value: Row[string] | undefined): string | null {
  return value === null || value === undefined ? null : String(value);
}
