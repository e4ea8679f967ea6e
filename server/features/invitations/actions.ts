import { SecurityPolicy } from '#models/security-policy.js';
import { User } from '#models/user.js';
import type { Context, TenantInContext } from '#server/context.js';
import { ChangedMeanwhile } from '#server/errors.js';
import { record } from '#server/trace/record.js';
import { findLink, takingLink } from '#server/identity/take-link.js';
import { checkTypedTwice, replacePassword, type TypedTwice } from '#server/identity/password.js';

/**
 * Sets the first password of the user whom the link was mailed to, who can sign in from now on. Gives the organisation
 * to sign in to. Throws `DeadLink`, or `Invalid` for a password that may not be; the link then still works.
 */
export async function acceptInvitation(
  context: Context,
  token: string,
  typed: TypedTwice,
): Promise<{ owner: User; tenant: TenantInContext }> {
  const found = await findLink(context, 'invitation', token);
  const { services } = context;
  const { tenant } = found.context;
  const policy = await SecurityPolicy.of(tenant.id);
  await checkTypedTwice(services, policy, tenant, found.user, typed);
  const hash = await services.passwords.hash(typed.newPassword);
  await takingLink(context, found, async ({ user, context: inside }) => {
    const epoch = await replacePassword(inside, user, policy, hash);
    const [activated] = await User.update(
      { status: 'active', joinedAt: inside.now },
      { where: { tenantId: tenant.id, id: user.id, status: 'invited', epoch } },
    );
    if (activated !== 1) throw new ChangedMeanwhile('Open the link again.');
    await record(inside, { event: 'invitation.accepted', actorId: user.id, target: { type: 'user', id: user.id } });
  });
  return { owner: found.user, tenant };
}
