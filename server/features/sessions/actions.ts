import type { Row } from '#models/database.js';
import { ask, type Question } from '#models/question.js';
import { Session } from '#models/session.js';
import { methodsIn, methodsInWords, type Method } from '#policies/authentication.js';
import type { Context, UserContext } from '#server/context.js';
import { NotFound } from '#server/errors.js';
import type { ClientDescription } from '#server/lib/client.js';
import { actingNow } from '#server/identity/acting.js';
import { HOUR, MINUTE } from '#server/lib/clock.js';
import { record } from '#server/trace/record.js';

export interface OpenSession {
  id: string;
  client: ClientDescription;
  ip: string;
  createdAt: number;
  lastSeenAt: number;
  authenticatedAt: number;
  modifiedAt: number;
  /** How its owner has shown who they are. */
  methods: readonly Method[];
  /** The same in words. */
  signedInBy: string;
  expiresAt: number;
}

const OPEN_COLUMNS = ['id', 'ip', 'client', 'amr', 'created_at', 'last_seen_at', 'authenticated_at', 'modified_at'];
const LIMIT_COLUMNS = ['session_max_hours', 'session_idle_minutes'];
const ALL_COLUMNS = [...OPEN_COLUMNS, ...LIMIT_COLUMNS];
const OPEN = `
SELECT ${OPEN_COLUMNS.map((column) => `s.${column}`).join(', ')}, ${LIMIT_COLUMNS.join(', ')}
FROM sessions s JOIN security_policies p ON p.tenant_id = s.tenant_id
WHERE s.tenant_id = $1 AND s.user_id = $2 AND s.ended_at IS NULL
  AND s.created_at > CAST($3 AS BIGINT) - CAST(${HOUR} AS BIGINT) * p.session_max_hours
  AND s.last_seen_at > CAST($3 AS BIGINT) - CAST(${MINUTE} AS BIGINT) * p.session_idle_minutes
ORDER BY s.last_seen_at DESC, s.id DESC LIMIT 200`;

/** The user's sessions that are open now, newest first. */
export async function listSessions(context: Context, user: { id: string; tenantId: string }): Promise<OpenSession[]> {
  return ask(context.services.database, openSessionsOf(context, user));
}

/** The same, for pages that ask more. */
export function openSessionsOf({ now }: Context, user: { id: string; tenantId: string }): Question<OpenSession[]> {
  return {
    columns: ALL_COLUMNS,
    sql: OPEN,
    bind: [user.tenantId, user.id, now],
    answer: (rows) => rows.map(openSessionOf),
  };
}

function openSessionOf(row: Row): OpenSession {
  const createdAt = Number(row['created_at']);
  const lastSeenAt = Number(row['last_seen_at']);
  const methods = methodsIn(String(row['amr']));
  return {
    id: String(row['id']),
    client: JSON.parse(String(row['client'])) as ClientDescription,
    ip: String(row['ip']),
    createdAt,
    lastSeenAt,
    authenticatedAt: Number(row['authenticated_at']),
    modifiedAt: Number(row['modified_at']),
    methods,
    signedInBy: methodsInWords(methods),
    expiresAt: Math.min(
      createdAt + Number(row['session_max_hours']) * HOUR,
      lastSeenAt + Number(row['session_idle_minutes']) * MINUTE,
    ),
  };
}

/** Ends one of the caller's own sessions; another's is not found. */
export async function endOwnSession(context: UserContext, sessionId: string): Promise<void> {
  await actingNow(context, 'own', async (acting) => {
    const { tenant, user, now } = acting;
    if ((await Session.end({ tenantId: tenant.id, userId: user.id, id: sessionId }, now)) !== 1) throw new NotFound();
    await record(acting, { event: 'session.ended', target: { type: 'session', id: sessionId } });
  });
}

/** Ends all sessions of the caller but the running one, where there is one; gives how many. */
export async function endOtherSessions(context: UserContext): Promise<number> {
  return actingNow(context, 'own', async (acting) => {
    const { tenant, user, session, now } = acting;
    const count = await Session.end({ tenantId: tenant.id, userId: user.id }, now, session?.id);
    if (count > 0)
      await record(acting, { event: 'sessions.ended', target: { type: 'user', id: user.id }, details: { count } });
    return count;
  });
}
