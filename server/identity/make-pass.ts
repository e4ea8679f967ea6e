import { AccessPass } from '#models/access-pass.js';
import type { User } from '#models/user.js';
import type { Context, TenantContext } from '#server/context.js';
import { Conflict } from '#server/errors.js';
import { canonicalAccessPass, newAccessPass } from '#server/lib/access-pass.js';
import { MINUTE } from '#server/lib/clock.js';
import { queueMail } from '#server/mail/outbox.js';
import { spanText } from '#server/mail/words.js';
import { record } from '#server/trace/record.js';
import { issueDisavowal } from './disavowal-link.js';

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

/** The keyed hash by which a pass is known. */
export function hashOfPass({ services }: Pick<Context, 'services'>, userId: string, pass: string): string {
  return services.keys.mac('access-pass', `${userId} ${canonicalAccessPass(pass) ?? ''}`);
}
