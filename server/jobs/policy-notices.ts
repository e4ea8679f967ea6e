import { Op } from 'sequelize';
import { breakGlassKeyed, enoughPasskeys } from '#models/passkey.js';
import { ScheduledPolicy } from '#models/scheduled-policy.js';
import { SecurityPolicy as PolicyRow } from '#models/security-policy.js';
import { Tenant } from '#models/tenant.js';
import { inTransaction } from '#models/transaction.js';
import { User } from '#models/user.js';
import { SYSTEM } from '#policies/actor.js';
import { passwordHasExpired } from '#policies/password-age.js';
import type { SecurityPolicy } from '#policies/security-policy.js';
import { contextWithoutRequest, type Services, type TenantContext } from '#server/context.js';
import { DAY } from '#server/lib/clock.js';
import { withFactorUnder } from '#server/identity/factor-sql.js';
import { inContext } from '#server/identity/tenant.js';
import { queueMail } from '#server/mail/outbox.js';
import { dayText, timeText } from '#server/mail/words.js';
import { demandsAnew, passwordsEnd } from '#server/features/security-policy/demands.js';
import { differencesOf } from '#server/features/security-policy/take-back.js';

/** Days before the start, the most urgent first: whoever was not reached in time gets one mail, not two. */
const NOTICES = [1, 7] as const;
const BATCH = 200;

/** Mails those who must do something, 7 days and 1 day before a change starts that is set for later, once each. Gives how many mails that was. */
export async function noticeComingChanges(services: Services, stop?: AbortSignal): Promise<number> {
  let told = 0;
  for (const days of NOTICES) {
    for (const { tenantId, id } of await comingWithin(services.clock.now(), days)) {
      let more = true;
      while (more && !stop?.aborted) {
        const batch = await inTransaction(() => noticeNext(services, { tenantId, id }, days));
        told += batch.told;
        more = batch.more;
      }
    }
  }
  return told;
}

function comingWithin(now: number, days: number): Promise<ScheduledPolicy[]> {
  return ScheduledPolicy.findAll({
    where: {
      startsAt: { [Op.gt]: now, [Op.lte]: now + days * DAY },
      noticedDays: { [Op.or]: [null, { [Op.gt]: days }] },
    },
  });
}

// The next people in the order of their ids, and how far that is, in one transaction: whoever is killed, or is not the
// only one at it, mails nobody twice.
async function noticeNext(
  services: Services,
  which: { tenantId: string; id: string },
  days: number,
): Promise<{ told: number; more: boolean }> {
  const nothing = { told: 0, more: false };
  const scheduled = await ScheduledPolicy.findOne({ where: which });
  const tenant = await Tenant.findOne({ where: { id: which.tenantId, status: 'active' } });
  if (!scheduled || !tenant || (scheduled.noticedDays ?? Infinity) <= days) return nothing;
  const { noticedTo, noticedDays } = scheduled;
  const [noticing, after = ''] = noticedTo.split(':');
  const people = await User.findAll({
    where: {
      ...{ tenantId: tenant.id, kind: 'person', status: 'active' },
      id: { [Op.gt]: noticing === String(days) ? after : '' },
    },
    order: [['id', 'ASC']],
    limit: BATCH,
  });
  const more = people.length === BATCH;
  const now = more
    ? { noticedTo: `${days}:${people.at(-1)?.id ?? ''}` }
    : { noticedTo: '', noticedDays: days as number };
  const [moved] = await ScheduledPolicy.update(now, { where: { ...which, noticedTo, noticedDays } });
  if (moved !== 1) return nothing;
  const context = contextWithoutRequest(services, SYSTEM, 'job', inContext(tenant)) as TenantContext;
  return { told: await tell(context, scheduled, people), more };
}

async function tell(context: TenantContext, scheduled: ScheduledPolicy, people: readonly User[]): Promise<number> {
  const { tenant, services } = context;
  const before = (await PolicyRow.of(tenant.id)).get({ plain: true });
  const changed = differencesOf(scheduled).map(({ field, to }) => [field, to]);
  const after = { ...before, ...(Object.fromEntries(changed) as Partial<SecurityPolicy>) };
  const withFactor = demandsAnew(before, after) ? await havingFactor(services, people, after) : null;
  const lacking = passwordsEnd(before, after) ? await withoutEnough(services, tenant.id) : new Set<string>();
  let told = 0;
  for (const to of people) {
    const duties = [
      withFactor !== null && !withFactor.has(to.id) && SET_UP,
      lacking.has(to.id) && ADD,
      isOutdatedAt(scheduled.startsAt, to, before, after) && CHANGE,
    ].filter((one) => one !== false);
    if (duties.length === 0) continue;
    const variables = {
      starts: timeText(scheduled.startsAt, to.locale, to.timeZone),
      startsOn: dayText(scheduled.startsAt, to.locale, to.timeZone),
      duties: duties.join(', and '),
      securityLink: '/security',
    };
    await queueMail(context, { event: 'policy-change-coming', to, tenant, variables });
    told += 1;
  }
  return told;
}

async function havingFactor(
  { database }: Services,
  people: readonly User[],
  after: SecurityPolicy,
): Promise<Set<string>> {
  const [first, last] = [people[0], people.at(-1)];
  if (!first || !last) return new Set();
  const sql = `SELECT u.id FROM users u WHERE u.tenant_id = $1 AND u.id >= $2 AND u.id <= $3 AND ${withFactorUnder(after)}`;
  return new Set((await database.read(sql, [first.tenantId, first.id, last.id])).map(({ id }) => String(id)));
}

async function withoutEnough({ database }: Services, tenantId: string): Promise<Set<string>> {
  const sql = `SELECT id FROM users WHERE tenant_id = $1 AND NOT ${breakGlassKeyed('users')} AND NOT ${enoughPasskeys('users')}`;
  return new Set((await database.read(sql, [tenantId])).map(({ id }) => String(id)));
}

const ADD = 'add a passkey, because passwords will open nothing';
const SET_UP = 'set up two-factor authentication';
const CHANGE = 'choose a new password, because yours will be too old';

function isOutdatedAt(at: number, user: User, before: SecurityPolicy, after: SecurityPolicy): boolean {
  if (user.mustChangePassword || !passwordHasExpired(user.passwordChangedAt, after, at)) return false;
  return !passwordHasExpired(user.passwordChangedAt, before, at);
}
