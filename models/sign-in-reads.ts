import type { Read } from './database.js';
import { columnsOf, rowOf } from './by-hand.js';
import { KnownBrowser } from './known-browser.js';
import { Passkey } from './passkey.js';
import { SecurityPolicy } from './security-policy.js';
import { Tenant } from './tenant.js';
import { User } from './user.js';

/** Whose passkey it is, and all that a sign-in by it is judged by, as one read. */
export interface PasskeyRead {
  passkey: Passkey;
  user: User;
  tenant: Tenant;
  policy: SecurityPolicy;
  known: KnownBrowser | null;
}

let owning = '';

/** Of the passkey with this id at this host, in a browser whose id has this hash; null where there is none. */
export async function readPasskey(
  read: Read,
  { rpId, credentialId, browserHash }: { rpId: string; credentialId: string; browserHash: string },
): Promise<PasskeyRead | null> {
  owning ||= `SELECT ${columnsOf(Passkey, 'k')}, ${columnsOf(User, 'u')}, ${columnsOf(Tenant, 't')},
${columnsOf(SecurityPolicy, 'p')}, ${columnsOf(KnownBrowser, 'b')}
FROM passkeys k JOIN users u ON u.tenant_id = k.tenant_id AND u.id = k.user_id
JOIN tenants t ON t.id = k.tenant_id JOIN security_policies p ON p.tenant_id = k.tenant_id
LEFT JOIN known_browsers b ON b.tenant_id = k.tenant_id AND b.user_id = k.user_id AND b.browser_hash = $3
WHERE k.rp_id = $1 AND k.credential_id = $2`;
  const [row] = await read(owning, [rpId, credentialId, browserHash]);
  if (!row) return null;
  const [passkey, user, tenant] = [rowOf(Passkey, 'k', row), rowOf(User, 'u', row), rowOf(Tenant, 't', row)];
  const policy = rowOf(SecurityPolicy, 'p', row);
  return passkey && user && tenant && policy && { passkey, user, tenant, policy, known: rowOf(KnownBrowser, 'b', row) };
}

let arriving = '';

/** The user as they are now, and the policy of their organisation: both active, and nothing changed since; else null. */
export async function readArriving(
  read: Read,
  { tenantId, id, epoch }: { tenantId: string; id: string; epoch: number },
): Promise<{ user: User; policy: SecurityPolicy } | null> {
  arriving ||= `SELECT ${columnsOf(User, 'u')}, ${columnsOf(SecurityPolicy, 'p')}
FROM users u JOIN tenants t ON t.id = u.tenant_id JOIN security_policies p ON p.tenant_id = u.tenant_id
WHERE u.tenant_id = $1 AND u.id = $2 AND u.epoch = $3 AND u.status = 'active' AND t.status = 'active'`;
  const [row] = await read(arriving, [tenantId, id, epoch]);
  const user = row ? rowOf(User, 'u', row) : null;
  const policy = row ? rowOf(SecurityPolicy, 'p', row) : null;
  return user && policy && { user, policy };
}
