import type { CredentialEnd, CredentialKind, CredentialState } from '#policies/enumerations.js';
import { Op } from 'sequelize';
import { ApiCredentialSecret } from '#models/api-credential-secret.js';
import { ApiCredential } from '#models/api-credential.js';
import type { Row } from '#models/database.js';
import type { Question } from '#models/question.js';
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
export async function listTokens({ user, now }: OfOwner): Promise<CredentialView[]> {
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
  return viewsOf(rows, now);
}

/** These of the owner's API credentials, of whatever kind, newest first. */
export async function listThese({ user, now }: OfOwner, id: readonly string[]): Promise<CredentialView[]> {
  const where = { tenantId: user.tenantId, userId: user.id, id: [...id] };
  return viewsOf(await ApiCredential.findAll({ where, order: NEWEST_FIRST }), now);
}

/** The caller's API key or API password, also once it has expired; null when there is none. */
export async function findSingle({ user, now }: UserContext, kind: 'key' | 'password'): Promise<CredentialView | null> {
  const row = await ApiCredential.findOne({
    where: { tenantId: user.tenantId, userId: user.id, kind, revokedAt: null },
  });
  return row ? ((await viewsOf([row], now))[0] ?? null) : null;
}

/** Credentials of one tenant as lists show them, with three further reads however many they are. */
export async function viewsOf(rows: readonly ApiCredential[], now: number): Promise<CredentialView[]> {
  const tenantId = rows[0]?.tenantId;
  if (tenantId === undefined) return [];
  const credentialId = rows.map(({ id }) => id);
  const roleId = [...new Set(rows.map((row) => row.roleId).filter((id) => id !== null))];
  const userId = [...new Set(rows.map((row) => row.userId))];
  const secrets = await ApiCredentialSecret.findAll({ where: { tenantId, credentialId, diesAt: null } });
  const roles = await Role.findAll({ where: { tenantId, id: roleId } });
  const held = await UserRole.findAll({ where: { tenantId, userId, roleId } });
  const secretOf = new Map(secrets.map((secret) => [secret.credentialId, secret.publicId]));
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

interface SingleSummary {
  createdAt: number;
  expired: boolean;
  lastUsedAt: number | null;
}

export interface CredentialSummary {
  liveTokens: number;
  key: SingleSummary | null;
  password: SingleSummary | null;
  /** How many of them all end soon. */
  ending: number;
}

// A token whose role its user has lost does not work.
const SUMMARY_COLUMNS = ['kind', 'created_at', 'expires_at', 'last_used_at'];
const SUMMARY = `
SELECT ${SUMMARY_COLUMNS.map((column) => `c.${column}`).join(', ')} FROM api_credentials c
WHERE c.tenant_id = $1 AND c.user_id = $2 AND c.revoked_at IS NULL
  AND (c.kind <> 'token' OR EXISTS (SELECT 1 FROM user_roles h WHERE h.user_id = c.user_id AND h.role_id = c.role_id))`;

/** What the Security page says of the caller's credentials. */
export function credentialSummaryOf({ user, now }: UserContext): Question<CredentialSummary> {
  return {
    columns: SUMMARY_COLUMNS,
    sql: SUMMARY,
    bind: [user.tenantId, user.id],
    answer: (rows) => summaryOf(rows, now),
  };
}

function summaryOf(rows: readonly Row[], now: number): CredentialSummary {
  const single = (kind: string): SingleSummary | null => {
    const row = rows.find((one) => one['kind'] === kind);
    if (!row) return null;
    return {
      createdAt: Number(row['created_at']),
      expired: row['expires_at'] !== null && Number(row['expires_at']) <= now,
      lastUsedAt: row['last_used_at'] === null ? null : Number(row['last_used_at']),
    };
  };
  return {
    liveTokens: rows.filter((row) => row['kind'] === 'token' && Number(row['expires_at']) > now).length,
    key: single('key'),
    password: single('password'),
    ending: rows.filter((row) => row['expires_at'] !== null && isEnding(Number(row['expires_at']), now)).length,
  };
}
