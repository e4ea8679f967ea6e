import type { Read, Row } from '#models/database.js';
import { REACH_COLUMNS } from '#models/passkey.js';
import type { SecurityPolicy } from '#models/security-policy.js';
import type { User } from '#models/user.js';
import type { PasswordReach } from '#policies/authentication.js';
import { passwordReach } from '#policies/second-factor.js';
import { truth } from './demanded-factor.js';

const HAS = `SELECT ${REACH_COLUMNS}
FROM users u JOIN security_policies p ON p.tenant_id = u.tenant_id WHERE u.tenant_id = $1 AND u.id = $2`;

/** Somebody whose password was typed, or nobody. */
export interface Typed {
  user: Pick<User, 'id' | 'tenantId' | 'kind'> | null;
  policy: SecurityPolicy | null;
}

/** What the sign-in password of this user opens. Asked alike of nobody, of whom it is no matter. */
export async function passwordReachOf(read: Read, typed: Typed, now: number): Promise<PasswordReach> {
  const [row] = await read(HAS, [typed.user?.tenantId ?? '', typed.user?.id ?? '']);
  return reachFrom(row ?? null, typed, now);
}

/** The same by a row that has been read. */
export function reachFrom(row: Row | null, { user, policy }: Typed, now: number): PasswordReach {
  if (!row || !user || !policy) return 'all';
  const { kind } = user;
  const { passwordForbiddenSince: forbiddenSince } = policy;
  const joinedAt = Number(row['joined_at']);
  const whose = { kind, joinedAt, exempt: truth(row['exempt']), enough: truth(row['has_enough']) };
  return passwordReach({ ...whose, policy, forbiddenSince }, now);
}
