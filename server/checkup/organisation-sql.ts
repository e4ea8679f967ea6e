import { isStuck } from '#models/stuck-mail.js';
import type { Database } from '#models/database.js';
import { STEADY_MS } from '#policies/approval.js';
import {
  administrator,
  atTop,
  held,
  invitationLapsed,
  lacksPasskey,
  oneByOne,
  TOP_KEYS,
} from '#models/user-standing.js';
import { madeOfKinds } from '#server/identity/factor-kind.js';
import { withSecondFactor } from '#server/identity/factor-sql.js';
import { COUNTED } from './finding.js';
import { putOffBy, together } from './rows.js';

// $1 organisation, $2 reader, $3 now, $4 unused or away since, $5 mail that should have gone, $6 mail of these days,
// $7 the longest month, $8 the first day that counts
const PERSON = `u.tenant_id = $1 AND u.status = 'active' AND u.kind = 'person'`;
// The same of those whom a list of ids names: no index but that of the ids is of use, and SQLite would take another.
const namedPerson = (dialect: Database['dialect']): string =>
  dialect === 'sqlite' ? `u.tenant_id || '' = $1 AND u.status || '' = 'active' AND u.kind || '' = 'person'` : PERSON;
const WORKS = 'c.tenant_id = $1 AND c.revoked_at IS NULL AND (c.expires_at IS NULL OR c.expires_at > $3)';
const MOST_MONTHS = '(SELECT p.token_max_months FROM security_policies p WHERE p.tenant_id = $1)';

// An owner's to decide, or about an owner, is for owners.
const forReader = (
  dialect: Database['dialect'],
): string => `(EXISTS (${held(dialect)} AND ur.user_id = $2 AND r.key IN (${TOP_KEYS}))
  OR (a.kind <> 'api-token' AND a.user_id NOT IN (${held(dialect)} AND r.key IN (${TOP_KEYS}))))`;

// Nor is what is taken from an account for who has got their rights of late, in an organisation that is itself no younger.
const STEADY_READER = `(a.kind = 'api-token' OR NOT EXISTS (SELECT 1 FROM standing_moves s JOIN tenants t ON t.id = s.tenant_id
  WHERE s.tenant_id = $1 AND s.user_id = $2 AND s.kind = 'raised' AND s.at > CAST($3 AS BIGINT) - ${STEADY_MS}
    AND t.created_at <= CAST($3 AS BIGINT) - ${STEADY_MS}))`;

/**
 * What is looked for, each the rest of a SELECT from FROM on: users `u`, credentials `c`, requests `a`, mails `m`. An order
 * is that of an index: whoever cannot tell how few there are goes by it then.
 */
const soughtBy = (dialect: Database['dialect']) => ({
  'admins-without-second-factor': `users u WHERE ${namedPerson(dialect)} AND NOT ${withSecondFactor()} AND ${administrator(dialect)}`,
  'approvals-waiting': `approvals a WHERE a.deciding_tenant_id = $1 AND a.state = 'waiting' AND a.expires_at > $3
    AND a.user_id <> $2 AND COALESCE(a.requested_by, '') <> $2 AND ${forReader(dialect)} AND ${STEADY_READER}`,
  'people-without-passkey': `users u WHERE ${namedPerson(dialect)} AND ${lacksPasskey(dialect)}`,
  'break-glass-unused': `users u WHERE u.tenant_id = $1 AND u.break_glass AND u.status || '' = 'active' AND u.kind || '' = 'person'
    AND COALESCE(u.last_signed_in_at, u.created_at) <= $4`,
  'stale-accounts': `users u WHERE ${PERSON} AND NOT u.break_glass AND COALESCE(u.last_signed_in_at, u.created_at) <= $4
    ORDER BY COALESCE(u.last_signed_in_at, u.created_at)`,
  'old-invitations': `users u WHERE u.tenant_id = $1 AND ${invitationLapsed('$3')}`,
  'unused-tokens': `api_credentials c WHERE ${WORKS} AND COALESCE(c.last_used_at, c.created_at) <= $4
    ORDER BY COALESCE(c.last_used_at, c.created_at), c.id`,
  'tokens-over-policy': `api_credentials c WHERE ${WORKS} AND c.months > ${MOST_MONTHS}
    AND c.expires_at - c.created_at > ${MOST_MONTHS} * CAST($7 AS BIGINT) ORDER BY c.months DESC, c.id DESC`,
  'keys-without-end': `api_credentials c WHERE c.tenant_id = $1 AND c.revoked_at IS NULL AND c.expires_at IS NULL`,
  'mail-stuck': `outbox_messages m WHERE m.tenant_id = $1 AND ${isStuck('$6', '$5')}`,
});

const OWNER = '(SELECT u.name FROM users u WHERE u.tenant_id = one.tenant_id AND u.id = one.user_id)';
/** By table: what is read of each that is found, and how the first few of them are told. */
const NAMED = {
  users: ['u.id, u.name', 'one.id AS id, one.name AS name'],
  api_credentials: ['c.tenant_id, c.user_id, c.name', `one.user_id AS id, one.name || ', of ' || ${OWNER} AS name`],
  approvals: ['a.id, a.tenant_id, a.user_id', `one.id AS id, COALESCE(${OWNER}, '') AS name`],
  outbox_messages: ['m.id, m.recipient', 'one.id AS id, one.recipient AS name'],
} as const;
const NAMES_SHOWN = 5;

/** The first few of each item, and beside each of them how many there are: they are looked for once for both. */
function searches(dialect: Database['dialect']): string[] {
  return Object.entries(soughtBy(dialect)).map(([item, from]) => {
    const [read, told] = NAMED[from.slice(0, from.indexOf(' ')) as keyof typeof NAMED];
    const found = `SELECT ${read} FROM ${from} LIMIT ${COUNTED + 1}`;
    const first = `SELECT every.*, COUNT(*) OVER () AS found FROM (${found}) AS every LIMIT ${NAMES_SHOWN}`;
    return `SELECT '${item}', id, name, found FROM (SELECT ${told}, found FROM (${first}) AS one) AS named`;
  });
}

/** Whether there is any of each item: all that a verdict says of them. */
function whether(dialect: Database['dialect']): string[] {
  const sought = {
    ...soughtBy(dialect),
    'admins-without-second-factor': `${oneByOne.administrators(dialect)} AND ${namedPerson(dialect)} AND NOT ${withSecondFactor()}`,
    'people-without-passkey': `${oneByOne.lackingPasskey(dialect)} AND ${namedPerson(dialect)}`,
  };
  return Object.entries(sought).map(
    ([item, from]) => `SELECT '${item}', '', '', found FROM (SELECT 1 AS found FROM ${from} LIMIT 1) AS any_of_them`,
  );
}

/** All that the check-up of an organisation asks, as one text; or no more than its verdict needs. */
const textFor = (dialect: Database['dialect'], searched: readonly string[]): string =>
  together([
    putOffBy('$2', '$3'),
    ...searched,
    `SELECT 'owners', '', '', COUNT(*) FROM users u WHERE ${namedPerson(dialect)} AND ${atTop(dialect)}`,
    `SELECT 'top-role', r.id, r.name, 0 FROM roles r WHERE r.tenant_id = $1 AND r.key IN (${TOP_KEYS})`,
    `SELECT 'since', '', '', t.created_at FROM tenants t WHERE t.id = $1`,
    ...['log.verified', 'log.broken', 'backup.made'].map(
      (event) =>
        `SELECT 'last ${event}', '', '', e.at FROM security_events e WHERE e.tenant_id = $1 AND e.event = '${event}'
       ORDER BY e.at DESC, e.seq DESC LIMIT 1`,
    ),
    `SELECT 'locked', CAST(d.day AS TEXT), '', d.happened FROM security_event_days d
   WHERE d.tenant_id = $1 AND d.event = 'account.locked' AND d.day >= $8`,
  ]);

/** The same texts for each engine. */
export const ORGANISATION_SQL = {
  sqlite: madeOfKinds(() => textFor('sqlite', searches('sqlite'))),
  postgres: madeOfKinds(() => textFor('postgres', searches('postgres'))),
};
export const VERDICT_SQL = {
  sqlite: madeOfKinds(() => textFor('sqlite', whether('sqlite'))),
  postgres: madeOfKinds(() => textFor('postgres', whether('postgres'))),
};
