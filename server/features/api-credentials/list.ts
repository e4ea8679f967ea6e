import type { CredentialEnd, CredentialKind, CredentialState } from '#policies/enumerations.js';
import { Op } from 'sequelize';
import { ApiCredentialSecret } from '#models/api-credential-secret.js';
import { ApiCredential } from '#models/api-credential.js';
import { rowsWith } from '#models/by-hand.js';
import { Role } from '#models/role.js';
import { User } from '#models/user.js';
import { UserRole } from '#models/user-role.js';
import type { TenantContext, UserContext } from '#server/context.js';
import { firstCharacters } from '#server/lib/api-secret.js';
import { DAY } from '#server/lib/clock.js';

/** Expired and revoked tokens stay visible for so long. */
const STAY_VISIBLE = 90 * DAY;
const SOON = 14 * DAY;

export interface CredentialView {
  id: string;
  kind: CredentialKind;
  name: string;
  role: string | null;
  /** False for a token whose owner has lost its role: it does nothing, whatever its state. */
  roleHeld: boolean;
  scopes: readonly string[] | null;
  allowedIps: readonly string[];
  firstCharacters: string;
  createdAt: number;
  expiresAt: number | null;
  lastUsedAt: number | null;
  lastUsedIp: string | null;
  state: CredentialState;
  /** How it ended, where it was revoked. */
  ended: { at: number; because: CredentialEnd | null; by: string | null } | null;
}

/** Whose tokens are looked at: the caller, or for a service account whoever may. */
export type OfOwner = Pick<TenantContext, 'tenant' | 'now' | 'services'> & { user: Pick<User, 'id' | 'tenantId'> };

const NEWEST_FIRST: [string, string][] = [
  ['createdAt', 'DESC'],
  ['id', 'DESC'],
];

/** The owner's API tokens, newest first: the good ones, and those that ended in the last 90 days. */
export async function listTokens(context: OfOwner): Promise<CredentialView[]> {
  const { user, now } = context;
  const since = now - STAY_VISIBLE;
  const rows = await ApiCredential.findAll({
    where: {
      tenantId: user.tenantId,
      userId: user.id,
      kind: 'token',
      revokedAt: { [Op.or]: [null, { [Op.gt]: since }] },
      expiresAt: { [Op.or]: [null, { [Op.gt]: since }] },
    },
    order: NEWEST_FIRST,
    limit: 500,
  });
  return viewsOf(context, rows);
}

/** These of the owner's API credentials, of whatever kind, newest first. */
export async function listThese(context: OfOwner, id: readonly string[]): Promise<CredentialView[]> {
  const { user } = context;
  const where = { tenantId: user.tenantId, userId: user.id, id: [...id] };
  return viewsOf(context, await ApiCredential.findAll({ where, order: NEWEST_FIRST }));
}

/** The caller's API key or API password, also once it has expired; null when there is none. */
export async function findSingle(context: UserContext, kind: 'key' | 'password'): Promise<CredentialView | null> {
  const { user } = context;
  const row = await ApiCredential.findOne({
    where: { tenantId: user.tenantId, userId: user.id, kind, revokedAt: null },
  });
  return row ? ((await viewsOf(context, [row]))[0] ?? null) : null;
}

/** Credentials of one tenant as lists show them, with three further reads however many they are. */
export async function viewsOf(
  { now, services: { database } }: Pick<TenantContext, 'now' | 'services'>,
  rows: readonly ApiCredential[],
): Promise<CredentialView[]> {
  const tenantId = rows[0]?.tenantId;
  if (tenantId === undefined) return [];
  const credentialId = rows.map(({ id }) => id);
  const roleId = [...new Set(rows.map((row) => row.roleId).filter((id) => id !== null))];
  const userId = [...new Set(rows.map((row) => row.userId))];
  const secrets = await rowsWith(database, ApiCredentialSecret, tenantId, 'credential_id', credentialId);
  const roles = await rowsWith(database, Role, tenantId, 'id', roleId);
  const held = await rowsWith(database, UserRole, tenantId, 'user_id', userId);
  const lasting = secrets.filter(({ diesAt }) => diesAt === null);
  const secretOf = new Map(lasting.map((secret) => [secret.credentialId, secret.publicId]));
  const nameOf = new Map(roles.map(({ id, name }) => [id, name]));
  const enders = await namesOf(tenantId, rows);
  const holders = new Set(held.map((one) => `${one.userId} ${one.roleId}`));
  return rows.map((row) => ({
    id: row.id,
    kind: row.kind,
    name: row.name,
    role: row.kind === 'token' ? (nameOf.get(row.roleId ?? '') ?? 'Removed role') : null,
    roleHeld: row.kind !== 'token' || holders.has(`${row.userId} ${row.roleId ?? ''}`),
    scopes: row.scopeList,
    allowedIps: row.allowedIps === '' ? [] : row.allowedIps.split('\n'),
    firstCharacters: firstCharacters(row.kind, secretOf.get(row.id) ?? ''),
    createdAt: row.createdAt,
    expiresAt: row.expiresAt,
    lastUsedAt: row.lastUsedAt,
    lastUsedIp: row.lastUsedIp,
    state: stateOf(row, now),
    ended:
      row.revokedAt === null
        ? null
        : { at: row.revokedAt, because: row.endedBecause, by: enders.get(row.endedBy ?? '') ?? null },
  }));
}

// Nobody has ended most of them: then nothing is read.
async function namesOf(tenantId: string, rows: readonly ApiCredential[]): Promise<Map<string, string>> {
  const id = [...new Set(rows.flatMap(({ endedBy }) => endedBy ?? []))];
  const users = id.length === 0 ? [] : await User.findAll({ where: { tenantId, id }, attributes: ['id', 'name'] });
  return new Map(users.map((user) => [user.id, user.name]));
}

function stateOf({ revokedAt, expiresAt, waitingSince }: ApiCredential, now: number): CredentialView['state'] {
  if (revokedAt !== null) return 'revoked';
  if (expiresAt === null) return 'active';
  if (now >= expiresAt) return 'expired';
  if (waitingSince !== null) return 'waiting';
  return isEnding(expiresAt, now) ? 'expiring' : 'active';
}

/** Whether it ends within two weeks. */
export function isEnding(expiresAt: number, now: number): boolean {
  return expiresAt > now && expiresAt - now <= SOON;
}
