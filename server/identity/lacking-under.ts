import type { Read } from '#models/database.js';
import { breakGlassKeyed, enoughPasskeys } from '#models/passkey.js';
import type { SecurityPolicy } from '#policies/security-policy.js';
import { secondFactorOf } from './demanded-factor.js';
import { madeOfKinds } from './factor-kind.js';
import { PRINCIPAL_ROLES, principalColumns, standingOf } from './principal-row.js';

// The policy as it is decides some of these columns: what another would say stands beside them.
const byUser = madeOfKinds(
  () => `
SELECT${principalColumns()}, ${breakGlassKeyed('u')} AS keyed, ${enoughPasskeys('u')} AS enough
FROM users u
JOIN tenants t ON t.id = u.tenant_id
JOIN security_policies p ON p.tenant_id = u.tenant_id${PRINCIPAL_ROLES}
WHERE u.tenant_id = $1 AND u.id = $2`,
);

/**
 * What this person would have to add under another policy, in words: by that itself, or by a role or a mark that it gives
 * room to. Null where they have it, or nothing is demanded.
 */
export async function lackingUnder(
  read: Read,
  { id, tenantId }: { id: string; tenantId: string },
  { policy, now }: { policy: SecurityPolicy; now: number },
): Promise<'a second factor' | 'a passkey' | 'passkeys' | null> {
  const rows = (await read(byUser(), [tenantId, id])).map((row) => ({
    ...row,
    exempt: policy.passkeys === 'off' ? false : (row['keyed'] ?? null),
    has_enough: row['enough'] ?? null,
  }));
  const [row] = rows;
  if (!row) return null;
  const standing = standingOf(rows, row, now, null);
  const { dueAt, phishingResistant, password } = secondFactorOf(rows, row, {
    user: standing.user,
    policy: { ...standing.policy, ...policy },
    now,
  });
  if (dueAt === null) return null;
  if (!phishingResistant) return 'a second factor';
  return password === 'all' ? 'a passkey' : 'passkeys';
}
