import { SecurityPolicy } from '#models/security-policy.js';
import { readInTransaction } from '#models/transaction.js';
import { User } from '#models/user.js';
import type { TenantContext } from '#server/context.js';
import { queueMail } from '#server/mail/outbox.js';
import { record } from '#server/trace/record.js';
import { makePass } from './make-pass.js';
import { hasFactor } from './factors.js';
import { issueLink } from './link.js';
import { passwordReachOf } from './password-reach.js';

/** How somebody is let set up the next factor, once an administrator has taken theirs away. */
export interface Readmission {
  /** For how long a pass is made for them; null where a link is mailed instead. */
  minutes: number | null;
  reason: string;
  by: string;
}

/**
 * After an administrator has reset or removed a factor of this user: where none is left, the password alone does not set up
 * the next (ASVS 6.4.4). A pass is made, which it gives, or else a link is mailed that asks for the password beside it.
 * Inside the same write, when the account is as it will be: both stand on that.
 */
export async function readmit(acting: TenantContext, user: User, how: Readmission): Promise<string | null> {
  const { tenantId, id } = user;
  const held = !(await hasFactor(user));
  if (held) await User.update({ enrolmentHeld: true }, { where: { tenantId, id } });
  if (user.kind !== 'person' || user.status !== 'active') return null;
  if (how.minutes !== null) return makePass(acting, user, { ...how, minutes: how.minutes });
  // The link asks for the password beside it, which must open something.
  const policy = await SecurityPolicy.of(tenantId);
  const reach = await passwordReachOf(readInTransaction, { user, policy }, acting.now);
  if (held && reach !== 'nothing') await mailSetupLink(acting, user, how.by);
  return null;
}

async function mailSetupLink(acting: TenantContext, user: User, by: string): Promise<void> {
  const { url, validFor } = await issueLink(acting, user, 'enrolment');
  const variables = { setupLink: url, validFor, by };
  await queueMail(acting, { event: 'setup-link', to: user, tenant: acting.tenant, variables });
  await record(acting, { event: 'two-factor.link-sent', target: { type: 'user', id: user.id } });
}
