import { askTogether, type Question } from '#models/question.js';
import { USERS_BY_STATE } from '#models/user-counts.js';
import { can } from '#policies/can.js';
import { STALE_AFTER_DAYS } from '#policies/user.js';
import type { TenantContext } from '#server/context.js';
import { madeOfKinds } from '#server/identity/factor-kind.js';
import { countOthersThanApp } from '#server/identity/factor-sql.js';
import { DAY } from '#server/lib/clock.js';
import { newest, type Line } from './newest.js';

/** How many there are; past a thousand, of what has to be counted row by row, only that it is more. */
export type Capped = number | '1,000+';

export interface Figures {
  users: Record<'active' | 'invited' | 'disabled', number>;
  /** Of the people who can sign in: how many have a second factor, and by what. */
  people: { all: number; app: number; byOthers: number };
  locked: Capped;
  stale: Capped;
  /** Null for who may not see credentials. */
  credentials: { ending: Capped; unused: Capped } | null;
  /** Null for who may not read the log. */
  signIns: { day: number; succeeded: number; failed: number }[] | null;
  lines: Line[] | null;
}

export const DAYS = 30;
const COUNTED = 1000;
const SOON = 14 * DAY;

const othersOnly = madeOfKinds(countOthersThanApp);
const PERSON = `tenant_id = $1 AND status = 'active' AND kind = 'person'`;
const LIVE = 'tenant_id = $1 AND revoked_at IS NULL';
const SIGN_INS = `
SELECT day, event, happened FROM security_event_days
WHERE tenant_id = $1 AND event IN ('sign-in.succeeded', 'sign-in.failed') AND day > $2`;

/** All that the overview shows, by one read. */
export async function readFigures(context: TenantContext): Promise<Figures> {
  const { services, tenant, now, actor } = context;
  const today = Math.floor(now / DAY);
  // In the order of an index, which PostgreSQL would not take by itself: it cannot tell how few there are.
  const capped = (from: string, ...bind: number[]): Question<Capped> => ({
    columns: ['found'],
    sql: `SELECT COUNT(*) AS found FROM (SELECT 1 FROM ${from} LIMIT ${COUNTED + 1}) AS counted`,
    bind: [tenant.id, ...bind],
    answer: ([row]) => (Number(row?.['found']) > COUNTED ? '1,000+' : Number(row?.['found'])),
  });
  const [states, byOthers, locked, stale, ending, unused, signIns, lines] = await askTogether(services.database, [
    {
      columns: ['status', 'kind', 'two_factor', 'found'],
      sql: USERS_BY_STATE,
      bind: [tenant.id],
      answer: (rows) => rows,
    },
    {
      columns: ['found'],
      sql: othersOnly(),
      bind: [tenant.id],
      answer: ([row]) => Number(row?.['found']),
    },
    capped('users WHERE tenant_id = $1 AND locked_until > $2', now),
    capped(
      `users WHERE ${PERSON} AND COALESCE(last_signed_in_at, created_at) <= $2 ORDER BY COALESCE(last_signed_in_at, created_at)`,
      now - STALE_AFTER_DAYS * DAY,
    ),
    capped(
      `api_credentials WHERE ${LIVE} AND expires_at > $2 AND expires_at <= $3 ORDER BY expires_at, id`,
      now,
      now + SOON,
    ),
    capped(
      `api_credentials WHERE ${LIVE} AND COALESCE(last_used_at, created_at) <= $2 AND (expires_at IS NULL OR expires_at > $3)
       ORDER BY COALESCE(last_used_at, created_at), id`,
      now - 90 * DAY,
      now,
    ),
    {
      columns: ['day', 'event', 'happened'],
      sql: SIGN_INS,
      bind: [tenant.id, today - DAYS],
      answer: (rows) => rows,
    },
    newest(context),
  ]);
  const total = (wanted: Readonly<Record<string, string>>): number =>
    states
      .filter((row) => Object.entries(wanted).every(([column, value]) => row[column] === value))
      .reduce((sum, row) => sum + Number(row['found']), 0);
  const happened = (day: number, event: string): number =>
    Number(signIns.find((row) => Number(row['day']) === day && row['event'] === event)?.['happened'] ?? 0);
  const person = { status: 'active', kind: 'person' };
  const mayReadLog = can(actor, 'log:read');
  return {
    users: {
      active: total({ status: 'active' }),
      invited: total({ status: 'invited' }),
      disabled: total({ status: 'disabled' }),
    },
    people: { all: total(person), app: total({ ...person, two_factor: 'active' }), byOthers },
    locked,
    stale,
    credentials: can(actor, 'credentials:read') ? { ending, unused } : null,
    signIns: mayReadLog
      ? Array.from({ length: DAYS }, (_none, at) => today - DAYS + 1 + at).map((day) => ({
          day,
          succeeded: happened(day, 'sign-in.succeeded'),
          failed: happened(day, 'sign-in.failed'),
        }))
      : null,
    lines: mayReadLog ? lines : null,
  };
}
