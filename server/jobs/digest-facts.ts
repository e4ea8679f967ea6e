import type { Database } from '#models/database.js';
import { timesIn } from '#models/security-log.js';
import { counted } from '#policies/counted.js';
import { DAY } from '#server/lib/clock.js';
import { countedLabel, isEventName, type EventName } from '#server/trace/events.js';

/** What a digest says, each part in words; "nothing" for a part without anything. */
export interface Digest {
  high: string;
  unusual: string;
  waiting: string;
}

const NONE = 'nothing';
const MOST_NAMED = 12;
/** So many of one kind in a day as never: as with locked accounts in the check-up. */
const TIMES_THE_MEDIAN = 5;
const AT_LEAST = 10;
const MONTH = 30;
const WATCHED: readonly EventName[] = [
  'sign-in.failed',
  'account.locked',
  'two-factor.failed',
  'password.reset-requested',
  'access.refused',
  'access.throttled',
  'user.created',
  'api-token.created',
];

const HIGH = (
  dialect: Database['dialect'],
): string => `SELECT event, SUM(${timesIn(dialect, 'details')}) AS many FROM security_events
WHERE tenant_id = $1 AND level = 'high' AND at >= $2 AND at < $3 GROUP BY event ORDER BY many DESC, event`;
const HAPPENED = (dialect: Database['dialect']): string =>
  `SELECT SUM(${timesIn(dialect, 'details')}) AS many FROM security_events WHERE tenant_id = $1 AND event = $2 AND at >= $3 AND at < $4`;
const DAYS = 'SELECT happened FROM security_event_days WHERE tenant_id = $1 AND event = $2 AND day >= $3 AND day < $4';
const WAITING = `SELECT
  (SELECT COUNT(*) FROM users u WHERE u.tenant_id = $1 AND u.status = 'invited') AS invited,
  (SELECT COUNT(*) FROM outbox_messages m WHERE m.tenant_id = $1 AND m.state = 'failed' AND m.created_at > $2) AS unsent,
  (SELECT COUNT(*) FROM api_credentials c WHERE c.tenant_id = $1 AND c.revoked_at IS NULL
    AND c.expires_at > $3 AND c.expires_at <= $4) AS ending`;

/** What is to be told of an organisation since then; null where that is nothing. */
export async function digestOf(
  database: Database,
  tenantId: string,
  since: number,
  now: number,
): Promise<Digest | null> {
  const [high, unusual, waiting] = [
    await highIn(database, tenantId, since, now),
    await unusualIn(database, tenantId, since, now),
    await waitingIn(database, tenantId, since, now),
  ];
  if (high.length + unusual.length + waiting.length === 0) return null;
  const words = (parts: readonly string[]): string => (parts.length === 0 ? NONE : parts.join('; '));
  return { high: words(high), unusual: words(unusual), waiting: words(waiting) };
}

async function highIn({ read, dialect }: Database, tenantId: string, since: number, now: number): Promise<string[]> {
  const rows = await read(HIGH(dialect), [tenantId, since, now]);
  const named = rows.slice(0, MOST_NAMED).map((row) => {
    const event = String(row['event']);
    const many = Number(row['many']);
    return isEventName(event) ? countedLabel(event, many) : event;
  });
  return rows.length > MOST_NAMED ? [...named, `and ${counted(rows.length - MOST_NAMED, 'kind')} more`] : named;
}

async function unusualIn({ read, dialect }: Database, tenantId: string, since: number, now: number): Promise<string[]> {
  const today = Math.floor(now / DAY);
  const found: string[] = [];
  for (const event of WATCHED) {
    const [row] = await read(HAPPENED(dialect), [tenantId, event, Math.max(since, now - DAY), now]);
    const many = Number(row?.['many'] ?? 0);
    if (many < AT_LEAST) continue;
    const days = await read(DAYS, [tenantId, event, today - MONTH, today]);
    const usual = medianOf(days.map(({ happened }) => Number(happened)));
    if (many >= TIMES_THE_MEDIAN * usual)
      found.push(
        `${countedLabel(event, many)} in a day, where ${usual === 0 ? 'none is' : `${usual} a day are`} usual`,
      );
  }
  return found;
}

// Days on which nothing happened have no row, and count all the same.
function medianOf(happened: readonly number[]): number {
  const days = [...Array.from({ length: Math.max(0, MONTH - happened.length) }, () => 0), ...happened];
  return days.sort((one, other) => one - other)[Math.floor(days.length / 2)] ?? 0;
}

async function waitingIn({ read }: Database, tenantId: string, since: number, now: number): Promise<string[]> {
  const [row] = await read(WAITING, [tenantId, since, now, now + 14 * DAY]);
  const parts = [
    ['invited', 'one invitation that was not accepted', 'invitations that were not accepted'],
    ['unsent', 'one mail that could not be sent', 'mails that could not be sent'],
    ['ending', 'one API credential that ends within 14 days', 'API credentials that end within 14 days'],
  ] as const;
  return parts.flatMap(([name, one, several]) => {
    const many = Number(row?.[name] ?? 0);
    return many === 0 ? [] : [many === 1 ? one : `${many} ${several}`];
  });
}
