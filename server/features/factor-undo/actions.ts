import { KeptFactor } from '#models/kept-factor.js';
import { User } from '#models/user.js';
import type { Context, TenantContext, TenantInContext } from '#server/context.js';
import { adminsOf } from '#server/identity/admins.js';
import { dropMark } from '#server/identity/break-glass.js';
import { recordRevoked } from '#server/identity/credential.js';
import { putFactorsBack } from '#server/identity/kept-factors.js';
import { isAskedForFactor } from '#server/identity/readmission.js';
import { sendResetLink } from '#server/identity/reset-link.js';
import { DeadLink, findLink, takingLink, type LiveLink } from '#server/identity/take-link.js';
import { endAccess, ownerOf } from '#server/identity/walk-access.js';
import { queueMail } from '#server/mail/outbox.js';
import { accountText } from '#server/mail/words.js';
import { record } from '#server/trace/record.js';

/** Whether the password was set since the factor was taken: then it may be a stranger's. */
interface Since {
  passwordSince: boolean;
}

/** The live link with this token, and what taking it would lead to. Throws `DeadLink`; changes nothing. */
export async function findUndo(context: Context, token: string): Promise<LiveLink & Since> {
  const found = await findLink(context, 'undo', token);
  await keptBy(found);
  return { ...found, passwordSince: isSince(found) };
}

/**
 * Puts back the factors that an administrator took away, for who has the mail that told of it. What was set up since is over,
 * with every session; tokens and keys made since are revoked or suspended, and a password set since opens nothing: a link for a
 * new one is mailed. Administrators are told.
 */
export async function putBack(
  context: Context,
  token: string,
): Promise<Since & { tenant: TenantInContext; userId: string }> {
  const found = await findLink(context, 'undo', token);
  return takingLink(context, found, async (live) => {
    const { link, user, context: inside } = live;
    const kept = await keptBy(live);
    const passwordSince = isSince(live);
    user.set(await putFactorsBack(inside, kept));
    const { tenantId, id, epoch, twoFactor } = user;
    // What was taken twice may have been no factor any more the second time: then the password alone sets up none still.
    const enrolmentHeld = user.enrolmentHeld && !(await isAskedForFactor(user));
    await User.update(
      {
        ...{ twoFactor, enrolmentHeld, epoch: epoch + 1 },
        ...(passwordSince ? { passwordHash: null, mustChangePassword: true } : {}),
      },
      { where: { tenantId, id } },
    );
    const ended = await endAccess(inside, ownerOf(user), 'reset by mail', { since: link.createdAt });
    await dropMark(inside, user);
    await tell(inside, user);
    await recordRevoked(inside, user, ended);
    await record(inside, { event: 'two-factor.put-back', actorId: id, target: { type: 'user', id } });
    if (passwordSince) await sendResetLink(inside, user);
    return { passwordSince, tenant: inside.tenant, userId: id };
  });
}

async function keptBy({ link }: LiveLink): Promise<KeptFactor> {
  const { tenantId, userId, about } = link;
  const kept = await KeptFactor.findOne({ where: { tenantId, userId, id: about ?? '' } });
  if (!kept) throw new DeadLink(410);
  return kept;
}

function isSince({ link, user }: LiveLink): boolean {
  return user.passwordHash === null || (user.passwordChangedAt ?? 0) >= link.createdAt;
}

async function tell(inside: TenantContext, user: User): Promise<void> {
  const { tenant, services } = inside;
  await queueMail(inside, { event: 'factors-put-back', to: user, tenant, variables: {} });
  const accountLink = `${services.config.baseUrl}/admin/users/${user.id}`;
  for (const to of await adminsOf(tenant.id, user.id)) {
    const variables = { of: user.username, account: accountText(user), accountLink };
    await queueMail(inside, { event: 'factors-put-back-report', to, tenant, variables });
  }
}
