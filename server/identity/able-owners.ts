import type { Read } from '#models/database.js';

// A service account cannot sign in, who is invited has not yet, and whose password is worth nothing, as that of every held
// account is, waits for somebody else; who is about to be deleted may do nothing: none of them could put things right. A
// read-only role takes every write from whoever holds it.
const ableIn = (tenant: string): string => `
SELECT u.id FROM roles r
JOIN user_roles ur ON ur.tenant_id = r.tenant_id AND ur.role_id = r.id
JOIN users u ON u.tenant_id = ur.tenant_id AND u.id = ur.user_id
WHERE r.tenant_id = ${tenant} AND r.key IN ('owner', 'operator') AND u.status = 'active' AND u.kind = 'person'
  AND u.password_hash IS NOT NULL AND u.removal_at IS NULL
  AND NOT EXISTS (
    SELECT 1 FROM user_roles h JOIN roles x ON x.tenant_id = h.tenant_id AND x.id = h.role_id
    WHERE h.tenant_id = u.tenant_id AND h.user_id = u.id AND x.read_only
  )`;

const ABLE = ableIn('$1');

// In the form that reads of every request have, which may ask this.
const MUST_STAY = `
SELECT own.user_id AS asked_for
FROM user_roles own JOIN roles top ON top.tenant_id = own.tenant_id AND top.id = own.role_id
WHERE own.user_id = $1 AND own.tenant_id = $2 AND top.key IN ('owner', 'operator') AND NOT EXISTS (${ableIn('$2')})`;

/** Who could put things right in the organisation as it is now: one of them must stay. */
export async function ableOwners(read: Read, tenantId: string): Promise<string[]> {
  return (await read(ABLE, [tenantId])).map(({ id }) => String(id));
}

/** Whether `keepAnOwner` would keep this account, which is about to go, as things are now. */
export async function mustStay(read: Read, { id, tenantId }: { id: string; tenantId: string }): Promise<boolean> {
  return (await read(MUST_STAY, [id, tenantId])).length > 0;
}
