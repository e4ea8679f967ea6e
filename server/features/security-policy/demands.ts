import type { Bind } from '#models/database.js';
import { breakGlassKeyed, enoughPasskeys } from '#models/passkey.js';
import { SecurityPolicy as PolicyRow } from '#models/security-policy.js';
import type { SecurityPolicy } from '#policies/security-policy.js';
import type { TenantContext } from '#server/context.js';
import { withFactorUnder } from '#server/identity/factor-sql.js';
import { DAY } from '#server/lib/clock.js';
import type { Effect } from './effects.js';
import { firstPeople, type Hit } from './hit.js';

const PERSON = `FROM users u WHERE tenant_id = $1 AND kind = 'person' AND status = 'active'`;

/** Who must set up a second factor. */
export async function demandOf(context: TenantContext, before: SecurityPolicy, after: SecurityPolicy): Promise<Effect> {
  const { tenant, now } = context;
  if (!demandsAnew(before, after)) return {};
  const found = await people(context, `${PERSON} AND NOT ${withFactorUnder(after)}`, [tenant.id]);
  const since = before.twoFactor === 'required' ? (await PolicyRow.of(tenant.id)).twoFactorSince : now;
  return {
    peopleToSetUp: found.count,
    first: { peopleToSetUp: found.first },
    setUpBy: since + after.graceDays * DAY,
  };
}

/** Whether a second factor is demanded of everybody, and was not, or not by that time. */
export function demandsAnew(before: SecurityPolicy, after: SecurityPolicy): boolean {
  return after.twoFactor === 'required' && (before.twoFactor !== 'required' || after.graceDays !== before.graceDays);
}

const WITHOUT_ENOUGH = `FROM users
WHERE tenant_id = $1 AND kind = 'person' AND status = 'active' AND NOT ${breakGlassKeyed('users')} AND NOT ${enoughPasskeys('users')}`;

/** Who must add passkeys, since passwords are to open nothing. */
export async function passwordsEndOf(
  context: TenantContext,
  before: SecurityPolicy,
  after: SecurityPolicy,
): Promise<Effect> {
  if (!passwordsEnd(before, after)) return {};
  const { tenant, now, user } = context;
  const found = await people(context, WITHOUT_ENOUGH, [tenant.id]);
  const own = user ? await people(context, `${WITHOUT_ENOUGH} AND id = $2`, [tenant.id, user.id]) : null;
  const since = before.passwordSignIn === 'forbidden' ? (await PolicyRow.of(tenant.id)).passwordForbiddenSince : now;
  return {
    peopleToAddPasskeys: found.count,
    first: { peopleToAddPasskeys: found.first },
    passkeysBy: since + after.graceDays * DAY,
    ownPasskeysLack: own !== null && own.count > 0,
  };
}

/** Whether passwords are to open nothing, and did, or by another day. */
export function passwordsEnd(before: SecurityPolicy, after: SecurityPolicy): boolean {
  if (after.passwordSignIn !== 'forbidden') return false;
  return before.passwordSignIn !== 'forbidden' || after.graceDays !== before.graceDays;
}

const OUTDATED = `FROM users
WHERE tenant_id = $1 AND kind = 'person' AND status = 'active' AND NOT must_change_password
  AND password_changed_at <= $2 AND password_changed_at > $3`;

/** Whose password will be too old. */
export async function expiringOf(
  context: TenantContext,
  before: SecurityPolicy,
  after: SecurityPolicy,
): Promise<Effect> {
  if (after.maxAgeDays === 0) return {};
  const [since, already] = outdatedBetween(context.now, before, after);
  const found = await people(context, OUTDATED, [context.tenant.id, since, already]);
  return { passwordsExpiring: found.count, first: { passwordsExpiring: found.first } };
}

/** Whether that of who asks will be. */
export function ownPasswordExpires(
  { user, now }: TenantContext,
  before: SecurityPolicy,
  after: SecurityPolicy,
): boolean {
  if (after.maxAgeDays === 0 || user?.passwordChangedAt == null) return false;
  const [since, already] = outdatedBetween(now, before, after);
  return user.passwordChangedAt <= since && user.passwordChangedAt > already;
}

// Set before the one they are outdated by the new age; set before the other they were so already.
function outdatedBetween(now: number, before: SecurityPolicy, after: SecurityPolicy): [number, number] {
  return [now - after.maxAgeDays * DAY, before.maxAgeDays === 0 ? -1 : now - before.maxAgeDays * DAY];
}

async function people(context: TenantContext, from: string, bind: Bind): Promise<{ count: number; first: Hit[] }> {
  const [counted] = await context.services.database.read(`SELECT count(*) AS people ${from}`, bind);
  const count = Number(counted?.['people'] ?? 0);
  return { count, first: count === 0 ? [] : await firstPeople(context, `SELECT id ${from}`, bind) };
}
