import { AccessPass } from '#models/access-pass.js';
import { User } from '#models/user.js';
import type { Context, TenantContext } from '#server/context.js';
import { Conflict } from '#server/errors.js';
import { canonicalAccessPass, newAccessPass } from '#server/lib/access-pass.js';
import { MINUTE } from '#server/lib/clock.js';
import { queueMail } from '#server/mail/outbox.js';
import { spanText } from '#server/mail/words.js';
import { record } from '#server/trace/record.js';
import { issueDisavowal } from './disavowal-link.js';
import { issueLink } from './link.js';
import { factorIsLeft, onwardFor, type Onward } from './readmission.js';

/**
 * Makes a pass for a user, and voids an older one; gives it, to be shown once: only its keyed hash is kept. Its owner is told
 * at once, by whom and why. Inside a write that has reached the user. Throws `Conflict` for who could not use it.
 */
export async function makePass(
  acting: TenantContext,
  user: User,
  { minutes, reason, by }: { minutes: number; reason: string; by: string },
): Promise<string> {
  const { tenantId, id: userId } = user;
  if (user.kind !== 'person' || user.status !== 'active')
    throw new Conflict(
      'Only the active account of a person can be given an access pass. Enable the account, or send its invitation again.',
    );
  await AccessPass.update({ usedAt: acting.now }, { where: { tenantId, userId, usedAt: null } });
  const pass = newAccessPass();
  await AccessPass.create({
    ...{ tenantId, userId, epoch: user.epoch },
    passHash: hashOfPass(acting, userId, pass),
    createdAt: acting.now,
    expiresAt: acting.now + minutes * MINUTE,
  });
  await record(acting, {
    event: 'access-pass.made',
    target: { type: 'user', id: userId },
    details: { reason, minutes },
    personal: ['reason'],
  });
  const worksFor = spanText(minutes * MINUTE, user.locale);
  const variables = { ...(await issueDisavowal(acting, user, 'access-pass.made')), by, reason, worksFor };
  await queueMail(acting, { event: 'access-pass-made', to: user, tenant: acting.tenant, variables });
  return pass;
}

/** The pass that still opens this account; null where there is none. */
export function livePass({ now }: Pick<Context, 'now'>, user: User): Promise<AccessPass | null> {
  const { tenantId, id: userId, epoch } = user;
  return AccessPass.findOne({ where: { tenantId, userId, epoch, ...AccessPass.live(now) } });
}

/** The keyed hash by which a pass is known. */
export function hashOfPass({ services }: Pick<Context, 'services'>, userId: string, pass: string): string {
  return services.keys.mac('access-pass', `${userId} ${canonicalAccessPass(pass) ?? ''}`);
}

/** How somebody is let set up the next factor, once an administrator has taken theirs away. */
export interface Readmission {
  /** For how long a pass is made for them; null where a link is mailed instead. */
  minutes: number | null;
  reason: string;
  by: string;
}

/** What came of a factor that was taken: the pass that was made, and how its owner goes on. */
export interface Readmitted {
  pass: string | null;
  onward: Onward;
}

/**
 * After an administrator has reset or removed a factor of this user: where none is left that is asked for, the password alone does not set up
 * the next (ASVS 6.4.4). A pass is made, which it gives, or else a link is mailed that asks for the password beside it.
 * Inside the same write, when the account is as it will be: both stand on that.
 */
export async function readmit(acting: TenantContext, user: User, how: Readmission): Promise<Readmitted> {
  const { tenantId, id } = user;
  if (!(await factorIsLeft(user))) await User.update({ enrolmentHeld: true }, { where: { tenantId, id } });
  const onward = await onwardFor(acting, user, how.minutes);
  if (onward === 'pass') return { onward, pass: await makePass(acting, user, { ...how, minutes: how.minutes ?? 0 }) };
  if (onward === 'link') await mailSetupLink(acting, user, how.by);
  return { onward, pass: null };
}

async function mailSetupLink(acting: TenantContext, user: User, by: string): Promise<void> {
  const { path, validFor } = await issueLink(acting, user, 'enrolment');
  const variables = { setupLink: path, validFor, by };
  await queueMail(acting, { event: 'setup-link', to: user, tenant: acting.tenant, variables });
  await record(acting, { event: 'two-factor.link-sent', target: { type: 'user', id: user.id } });
}
