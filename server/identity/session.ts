import { insertRowAtTheEnd, writeAtTheEnd } from '#models/at-the-end.js';
import type { SecurityPolicy } from '#models/security-policy.js';
import { Session } from '#models/session.js';
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

const LIVE = (since: string, seen: string) =>
  `s.ended_at IS NULL AND s.created_at > ${since} AND s.last_seen_at > ${seen}`;

// Of those of a person that are live, $3 among them, all but that and the newest others.
const END_SURPLUS = {
  one: `UPDATE sessions SET ended_at = $7 WHERE id IN (
  SELECT s.id FROM sessions s WHERE s.tenant_id = $1 AND s.user_id = $2 AND s.id <> $3 AND ${LIVE('$4', '$5')}
  ORDER BY s.created_at DESC LIMIT 100000 OFFSET $6)`,
  // Two of one person may be among them: the later is the newer one, whatever the clock has said. Most have fewer than they may.
  several: `WITH given AS MATERIALIZED (SELECT key AS place, value ->> 0 AS tenant_id, value ->> 1 AS user_id,
    value ->> 2 AS id, value ->> 3 AS since, value ->> 4 AS seen, value ->> 5 AS others, value ->> 6 AS at FROM json_each($1))
UPDATE sessions SET ended_at = (SELECT max(at) FROM given) WHERE id IN (
  SELECT id FROM (
    SELECT s.id, g.others,
      row_number() OVER (PARTITION BY s.user_id ORDER BY opened.place DESC NULLS LAST, s.created_at DESC) AS nth
    FROM (SELECT *, max(place) FROM given WHERE others < (
      SELECT count(*) - 1 FROM sessions s
      WHERE s.tenant_id = given.tenant_id AND s.user_id = given.user_id AND s.ended_at IS NULL
    ) GROUP BY tenant_id, user_id) g
    CROSS JOIN sessions s ON s.tenant_id = g.tenant_id AND s.user_id = g.user_id AND ${LIVE('g.since', 'g.seen')}
    LEFT JOIN given opened ON opened.id = s.id)
  WHERE nth > others + 1)`,
};

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
  const session = await insertRowAtTheEnd(Session, {
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
  await writeAtTheEnd(END_SURPLUS, [user.tenantId, user.id, session.id, ...since, others, now]);
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
