import type { Read, Row } from '#models/database.js';
import { credentialPermissions } from '#policies/credential.js';
import { isTopRole } from '#policies/roles.js';
import type { CredentialInContext } from '#server/context.js';
import type { ApiSecret } from '#server/lib/api-secret.js';
import { sameText } from '#server/lib/keyring.js';
import { hasGone } from './gone.js';
import type { RefusedCredential } from './refused-credential.js';
import type { Asked } from './principal.js';
import { madeOfKinds } from './factor-kind.js';
import { PRINCIPAL_ROLES, principalColumns, rolesOf, standingOf, text, type Standing } from './principal-row.js';

/** Who calls, and all that a request must know of them. What they may do is what the credential lets them. */
export interface Caller extends Standing {
  credential: CredentialInContext;
  /** The addresses that the credential itself may be used from; '' is all. */
  allowedIps: string;
  /** True for a token that can do less than its user, by scopes or by its role, or only read. */
  narrowed: boolean;
  /** When this very secret was last used, as far as has been noted: a token that is being rotated has two. */
  lastUsedAt: number | null;
  /** When the credential was last used from the caller's very address. */
  lastUsedHereAt: number | null;
  expiresAt: number | null;
  createdAt: number;
}

export type Verdict =
  | { caller: Caller }
  | { refused: 'invalid_credentials' | 'token_expired' | 'token_revoked' | 'token_waiting' }
  /** A right secret that is over. */
  | { refused: 'token_expired' | 'token_revoked'; whose: RefusedCredential; because: 'expired' | 'revoked' };

// The one read of every request with a credential, by the id in its secret. A row for each role of its user.
const bySecret = madeOfKinds(
  () => `
SELECT x.public_id AS asked_for, x.secret_hash, x.dies_at, x.last_used_at, c.id AS credential_id, c.kind, c.role_id AS credential_role_id, c.scopes, c.allowed_ips,
  c.created_at AS credential_created_at, c.expires_at, c.revoked_at, c.waiting_since, a.last_used_at AS last_used_here_at,
  u.status AS user_status, t.status AS tenant_status,${principalColumns()}
FROM api_credential_secrets x
JOIN api_credentials c ON c.tenant_id = x.tenant_id AND c.id = x.credential_id
JOIN users u ON u.tenant_id = c.tenant_id AND u.id = c.user_id
JOIN tenants t ON t.id = c.tenant_id
JOIN security_policies p ON p.tenant_id = c.tenant_id
LEFT JOIN api_credential_addresses a ON a.credential_id = c.id AND a.ip = $2${PRINCIPAL_ROLES}
WHERE x.public_id = $1`,
);

const byUser = madeOfKinds(
  () => `
SELECT${principalColumns()}
FROM users u
JOIN tenants t ON t.id = u.tenant_id
JOIN security_policies p ON p.tenant_id = u.tenant_id${PRINCIPAL_ROLES}
WHERE u.tenant_id = $1 AND u.id = $2 AND u.status = 'active' AND t.status = 'active'`,
);

/** A user as the caller, who has proven to be that by the sign-in password. */
export async function readUserAsCaller(
  read: Read,
  { tenantId, userId }: { tenantId: string; userId: string },
  { now, ip }: Asked,
): Promise<Caller | null> {
  const rows = await read(byUser(), [tenantId, userId]);
  const row = rows[0];
  if (!row) return null;
  const standing = standingOf(rows, row, now, ip);
  if (await hasGone(read, standing.user, now)) return null;
  return {
    ...standing,
    credential: { id: null, kind: 'password', publicId: null },
    allowedIps: '',
    narrowed: false,
    lastUsedAt: null,
    lastUsedHereAt: null,
    expiresAt: null,
    createdAt: 0,
  };
}

/** Who this secret belongs to, and what it may do now; or why it is refused. Only the holder of the right secret is told more than "invalid". */
export async function readCredential(
  read: Read,
  secret: Pick<ApiSecret, 'publicId' | 'kind' | 'hash'>,
  { now, ip }: Asked,
): Promise<Verdict> {
  const rows = await read(bySecret(), [secret.publicId, ip ?? 'unknown']);
  const row = rows[0];
  if (!row || row['kind'] !== secret.kind || !sameText(text(row['secret_hash']), secret.hash))
    return { refused: 'invalid_credentials' };
  return verdictOn(read, rows, row, secret, { now, ip });
}

/** The same for a secret that has been proven before: what has become of it since. */
export async function readCredentialAgain(
  read: Read,
  { publicId, kind }: Pick<ApiSecret, 'publicId' | 'kind'>,
  { now, ip }: Asked,
): Promise<Verdict> {
  const rows = await read(bySecret(), [publicId, ip ?? 'unknown']);
  const row = rows[0];
  return row ? verdictOn(read, rows, row, { publicId, kind }, { now, ip }) : { refused: 'invalid_credentials' };
}

async function verdictOn(
  read: Read,
  rows: readonly Row[],
  row: Row,
  { publicId, kind }: Pick<ApiSecret, 'publicId' | 'kind'>,
  { now, ip }: Asked,
): Promise<Verdict> {
  const whose = {
    tenantId: text(row['tenant_id']),
    userId: text(row['user_id']),
    credentialId: text(row['credential_id']),
  };
  if (row['revoked_at'] !== null) return { refused: 'token_revoked', whose, because: 'revoked' };
  const ends = [row['dies_at'], row['expires_at']].filter((at) => at !== null).map(Number);
  if (ends.some((at) => now >= at)) return { refused: 'token_expired', whose, because: 'expired' };
  if (row['user_status'] !== 'active' || row['tenant_status'] !== 'active') return { refused: 'token_revoked' };
  if (row['waiting_since'] !== null) return { refused: 'token_waiting' };

  const roles = rolesOf(rows);
  const role = roles.find(({ id }) => id === row['credential_role_id']) ?? null;
  if (kind === 'token' && role === null) return { refused: 'token_revoked' };
  const acting = kind === 'token' && role ? [role] : roles;
  const standing = standingOf(rows, row, now, ip);
  if (await hasGone(read, standing.user, now)) return { refused: 'token_revoked' };
  const permissions = credentialPermissions({
    kind,
    userPermissions: standing.actor.permissions,
    roleGrants: role?.grants ?? null,
    roleReadOnly: role?.readOnly ?? false,
    scopes: row['scopes'] === null ? null : (JSON.parse(text(row['scopes'])) as string[]),
  });
  const { user, tenant, policy, secondFactor, duty, breakGlass, exempt, outside } = standing;
  const { id, tenantId, platform } = standing.actor;
  return {
    // Each by its name: to spread it costs several times as much, and every request pays it.
    caller: {
      user,
      tenant,
      policy,
      secondFactor,
      duty,
      breakGlass,
      exempt,
      outside,
      credential: { id: text(row['credential_id']), kind, publicId },
      actor: {
        kind: 'user',
        id,
        tenantId,
        platform,
        permissions,
        top: acting.some(({ key }) => isTopRole(key)),
      },
      roleNames: acting.map(({ name }) => name),
      allowedIps: text(row['allowed_ips']),
      narrowed:
        row['scopes'] !== null || (role?.readOnly ?? false) || permissions.size < standing.actor.permissions.size,
      lastUsedAt: timeOf(row['last_used_at']),
      lastUsedHereAt: timeOf(row['last_used_here_at']),
      expiresAt: ends.length === 0 ? null : Math.min(...ends),
      createdAt: Number(row['credential_created_at']),
    },
  };
}

function timeOf(value: Row[string] | undefined): number | null {
  return value === null || value === undefined ? null : Number(value);
}
