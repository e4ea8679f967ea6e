import type { Database, Read, Row } from './database.js';
import { rowOf, wholeRow } from './by-hand.js';
import { KnownBrowser } from './known-browser.js';
import { Passkey, REACH_COLUMNS } from './passkey.js';
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

type Dialect = Database['dialect'];

// Each text once: it names every column of its tables.
const texts = new Map<string, string>();

function textOf(name: string, dialect: Dialect, make: () => string): string {
  let text = texts.get(`${dialect} ${name}`);
  if (text === undefined) texts.set(`${dialect} ${name}`, (text = make()));
  return text;
}

/** Of the passkey with this id at this host, in a browser whose id has this hash; null where there is none. */
export async function readPasskey(
  { dialect, readTogether }: Pick<Database, 'dialect' | 'readTogether'>,
  { rpId, credentialId, browserHash }: { rpId: string; credentialId: string; browserHash: string },
): Promise<PasskeyRead | null> {
  const owning = textOf(
    'passkey',
    dialect,
    () => `SELECT k.credential_id AS asked_for, ${wholeRow(dialect, Passkey, 'k')}, ${wholeRow(dialect, User, 'u')}, ${wholeRow(dialect, Tenant, 't')},
${wholeRow(dialect, SecurityPolicy, 'p')}, ${wholeRow(dialect, KnownBrowser, 'b')}
FROM passkeys k JOIN users u ON u.tenant_id = k.tenant_id AND u.id = k.user_id
JOIN tenants t ON t.id = k.tenant_id JOIN security_policies p ON p.tenant_id = k.tenant_id
LEFT JOIN known_browsers b ON b.tenant_id = k.tenant_id AND b.user_id = k.user_id AND b.browser_hash = $3
WHERE k.credential_id = $1 AND k.rp_id = $2`,
  );
  const [row] = await readTogether(owning, [credentialId, rpId, browserHash]);
  if (!row) return null;
  const [passkey, user, tenant] = [rowOf(Passkey, 'k', row), rowOf(User, 'u', row), rowOf(Tenant, 't', row)];
  const policy = rowOf(SecurityPolicy, 'p', row);
  return passkey && user && tenant && policy && { passkey, user, tenant, policy, known: rowOf(KnownBrowser, 'b', row) };
}

/** Whose name was typed, as far as there is anybody, and all that a sign-in by password is judged by, as one read. */
export interface NamedRead {
  tenant: Tenant | null;
  policy: SecurityPolicy | null;
  user: User | null;
  known: KnownBrowser | null;
  /** What `passwordReach` asks of the user; null where there is none. */
  reach: Row | null;
}

/** Of the person with this name, or this address, in the organisation with this slug, in a browser whose id has this hash. */
export async function readNamed(
  { dialect, read }: Pick<Database, 'dialect' | 'read'>,
  { slug, typed, browserHash }: { slug: string; typed: string; browserHash: string },
): Promise<NamedRead> {
  const { column: where, prior, key } = User.keysOf(typed);
  const column = where === 'emailKey' ? 'email_key' : 'username_key';
  const named = textOf(
    column,
    dialect,
    () => `SELECT u.${column} AS called, ${wholeRow(dialect, Tenant, 't')}, ${wholeRow(dialect, SecurityPolicy, 'p')},
${wholeRow(dialect, User, 'u')}, ${wholeRow(dialect, KnownBrowser, 'b')}, ${REACH_COLUMNS}
FROM tenants t JOIN security_policies p ON p.tenant_id = t.id
LEFT JOIN users u ON u.tenant_id = t.id AND u.kind = 'person' AND u.${column} IN ($2, $3)
LEFT JOIN known_browsers b ON b.tenant_id = u.tenant_id AND b.user_id = u.id AND b.browser_hash = $4
WHERE t.slug = $1`,
  );
  const rows = await read(named, [slug, prior, key, browserHash]);
  const row = rows.find((one) => one['called'] === prior) ?? rows[0];
  if (!row) return { tenant: null, policy: null, user: null, known: null, reach: null };
  const [tenant, policy] = [rowOf(Tenant, 't', row), rowOf(SecurityPolicy, 'p', row)];
  const user = rowOf(User, 'u', row);
  return { tenant, policy, user, known: rowOf(KnownBrowser, 'b', row), reach: user && row };
}

/** The user as they are now, the policy of their organisation, and how far a password reaches: both active, and nothing changed since; else null. */
export async function readArriving(
  dialect: Dialect,
  read: Read,
  { tenantId, id, epoch }: { tenantId: string; id: string; epoch: number },
): Promise<{ user: User; policy: SecurityPolicy; reach: Row } | null> {
  const arriving = textOf(
    'arriving',
    dialect,
    () => `SELECT ${wholeRow(dialect, User, 'u')}, ${wholeRow(dialect, SecurityPolicy, 'p')}, ${REACH_COLUMNS}
FROM users u JOIN tenants t ON t.id = u.tenant_id JOIN security_policies p ON p.tenant_id = u.tenant_id
WHERE u.tenant_id = $1 AND u.id = $2 AND u.epoch = $3 AND u.status = 'active' AND t.status = 'active'`,
  );
  const [row] = await read(arriving, [tenantId, id, epoch]);
  if (!row) return null;
  const [user, policy] = [rowOf(User, 'u', row), rowOf(SecurityPolicy, 'p', row)];
  return user && policy && { user, policy, reach: row };
}
