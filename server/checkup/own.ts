import { ask, type Question } from '#models/question.js';
import type { UserContext } from '#server/context.js';
import { HOUR, MINUTE } from '#server/lib/clock.js';
import { inOrder, SOON, UNUSED_FOR, type Finding } from './finding.js';
import { address, onePasskey, passkey, password, recoveryCodes, secondFactor } from './own-account.js';
import { ending, sessions, unused } from './own-access.js';
import { COLUMNS, Facts, putOffBy, together } from './rows.js';

// $1 organisation, $2 user, $3 now, $4 the session that asks, $5 unused since, $6 soon
// Their owner's are few: `+ 0` keeps SQLite from the indexes of what everybody's credentials are.
const WORKS = `c.tenant_id = $1 AND c.user_id = $2 AND c.revoked_at IS NULL AND (c.expires_at IS NULL OR c.expires_at > $3)`;
// Opened by a sign-in with a browser that the account had not been used in; of the first browser ever nobody is told.
const NEW_SESSIONS = `SELECT 'session', s.id, s.client, s.created_at FROM sessions s JOIN security_policies p ON p.tenant_id = s.tenant_id
   WHERE s.tenant_id = $1 AND s.user_id = $2 AND s.ended_at IS NULL AND s.id <> $4
   AND s.last_seen_at > CAST($3 AS BIGINT) - CAST(${MINUTE} AS BIGINT) * p.session_idle_minutes
   AND s.created_at > CAST($3 AS BIGINT) - CAST(${HOUR} AS BIGINT) * p.session_max_hours
   AND EXISTS (SELECT 1 FROM known_browsers k WHERE k.user_id = s.user_id AND k.created_at = s.created_at)
   AND EXISTS (SELECT 1 FROM known_browsers k WHERE k.user_id = s.user_id AND k.created_at < s.created_at)`;
const SQL = together([
  putOffBy('$2', '$3'),
  `SELECT 'service', '', '', 1 FROM users u WHERE u.tenant_id = $1 AND u.id = $2 AND u.kind = 'service'`,
  `SELECT 'codes', '', '', COUNT(*) FROM recovery_codes r
   WHERE r.tenant_id = $1 AND r.user_id = $2 AND r.used_at IS NULL AND r.replaced_at IS NULL`,
  `SELECT 'passkeys', '', '', COUNT(*) FROM passkeys k WHERE k.tenant_id = $1 AND k.user_id = $2`,
  `SELECT 'address', '', l.email, l.expires_at FROM links l JOIN users u ON u.tenant_id = l.tenant_id AND u.id = l.user_id AND u.epoch = l.epoch
   WHERE l.tenant_id = $1 AND l.user_id = $2 AND l.kind = 'email-change' AND l.used_at IS NULL AND l.expires_at > $3`,
  `SELECT 'unused', c.kind || ' ' || c.id, c.name, 0 FROM api_credentials c
   WHERE ${WORKS} AND COALESCE(c.last_used_at, c.created_at) + 0 <= $5`,
  `SELECT 'ending', c.kind || ' ' || c.id, c.name, c.expires_at FROM api_credentials c WHERE ${WORKS} AND c.expires_at + 0 <= $6`,
  NEW_SESSIONS,
]);

/** What is to be done about the caller's own account, worst first. */
export async function checkOwn(context: UserContext): Promise<Finding[]> {
  return ask(context.services.database, ownFindings(context));
}

/** Which sessions or credentials a finding is about, by their ids: for a list of exactly these. */
export async function foundOf(context: UserContext, what: 'session' | 'unused' | 'ending'): Promise<string[]> {
  const rows = await context.services.database.read(SQL, bindOf(context));
  return new Facts(rows).of(what).map(({ id }) => id.split(' ').at(-1) ?? '');
}

/** The same, for pages that ask more. */
export function ownFindings(context: UserContext): Question<Finding[]> {
  return {
    columns: COLUMNS,
    sql: SQL,
    bind: bindOf(context),
    answer(rows) {
      const facts = new Facts(rows);
      return inOrder(
        CHECKS.flatMap((check) => check(context, facts) ?? []),
        facts.putOff,
      );
    },
  };
}

function bindOf({ tenant, user, now, session }: UserContext): (string | number)[] {
  return [tenant.id, user.id, now, session?.id ?? '', now - UNUSED_FOR, now + SOON];
}

// Worst first, among what is alike.
const CHECKS = [secondFactor, passkey, recoveryCodes, sessions, onePasskey, address, password, ending, unused];
