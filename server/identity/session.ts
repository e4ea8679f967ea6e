import { insertRow } from '#models/by-hand.js';
import type { SecurityPolicy } from '#models/security-policy.js';
import { Session } from '#models/session.js';
import { writeInTransaction } from '#models/transaction.js';
import type { User } from '#models/user.js';
import { methodsText, together, type Method } from '#policies/authentication.js';
import type { Context, SignedInContext } from '#server/context.js';
import { Conflict } from '#server/errors.js';
import { HOUR, MINUTE } from '#server/lib/clock.js';
import { hashToken, randomToken } from '#server/lib/random-token.js';

/** A session, and the id that its cookie holds: only its hash is kept. */
export interface OpenedSession {
  session: Pick<Session, 'id'>;
  sid: string;
}

// All but the newest $6 of those that are live.
const END_SURPLUS = `UPDATE sessions SET ended_at = $5
WHERE tenant_id = $1 AND user_id = $2 AND ended_at IS NULL AND id IN (
  SELECT id FROM sessions WHERE tenant_id = $1 AND user_id = $2 AND ended_at IS NULL AND created_at > $3 AND last_seen_at > $4
  ORDER BY created_at DESC LIMIT 100000 OFFSET $6)`;

/** Opens a session, for who proved who they are at `authenticatedAt`; over the policy's most, the oldest ones end. Inside a transaction. */
export async function openSession(
  context: Context,
  user: User,
  authenticatedAt: number,
  methods: readonly Method[],
  policy: SecurityPolicy,
): Promise<OpenedSession> {
  const sid = randomToken();
  const { now } = context;
  const since = [now - policy.sessionMaxHours * HOUR, now - policy.sessionIdleMinutes * MINUTE];
  const others = Math.max(0, policy.maxSessions - 1);
  await writeInTransaction(END_SURPLUS, [user.tenantId, user.id, ...since, now, others]);
  const session = await insertRow(Session, {
    sidHash: hashToken(sid),
    tenantId: user.tenantId,
    userId: user.id,
    epoch: user.epoch,
    ip: context.ip ?? '',
    client: JSON.stringify(context.client),
    createdAt: context.now,
    lastSeenAt: context.now,
    authenticatedAt,
    amr: methodsText(methods),
    modifiedAt: context.now,
  });
  return { session, sid };
}

/**
 * Gives the running session a new id, which it returns for the cookie, so that the old one, wherever it may have been seen, is worth nothing.
 * `authenticated` notes that the person has just proven who they are, and how; `epoch` carries it over a change that ends all others.
 */
export async function renewSession(
  context: SignedInContext,
  changes: { authenticated?: readonly Method[]; epoch?: number } = {},
): Promise<string> {
  const sid = randomToken();
  const [renewed] = await Session.update(
    {
      sidHash: hashToken(sid),
      modifiedAt: context.now,
      ...(changes.authenticated ? authenticatedNow(context, changes.authenticated) : {}),
      ...(changes.epoch === undefined ? {} : { epoch: changes.epoch }),
    },
    { where: { id: context.session.id, sidHash: context.session.sidHash, endedAt: null } },
  );
  if (renewed !== 1) throw new Conflict('This session has just been changed elsewhere. Sign in again.');
  return sid;
}

function authenticatedNow({ session, now }: SignedInContext, methods: readonly Method[]) {
  return { authenticatedAt: now, amr: methodsText(together(session.methods, methods)) };
}

/** Whether it was too long ago that they proved who they are, or in a time to come: the clock was ahead then. */
export function mustProveAgain({ now, policy }: Context, { authenticatedAt }: { authenticatedAt: number }): boolean {
  return Math.abs(now - authenticatedAt) >= (policy?.stepUpMinutes ?? 0) * MINUTE;
}
