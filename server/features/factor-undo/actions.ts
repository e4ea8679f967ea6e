import { KeptFactor } from '#models/kept-factor.js';
import { User } from '#models/user.js';
import { canonicalEmail } from '#policies/names.js';
import type { Context, TenantContext, TenantInContext } from '#server/context.js';
import { adminsOf } from '#server/identity/admins.js';
import { dropMark } from '#server/identity/break-glass.js';
import { recordRevoked } from '#server/identity/credential.js';
import { putFactorsBack } from '#server/identity/kept-factors.js';
import { isAddressTooNew } from '#server/identity/moved-address.js';
import { factorIsLeft } from '#server/identity/readmission.js';
import { sendResetLink } from '#server/identity/reset-link.js';
import { DeadLink, findLink, takingLink, type LiveLink } from '#server/identity/take-link.js';
import { endAccess, ownerOf } from '#server/identity/walk-access.js';
import { queueMail } from '#server/mail/outbox.js';
import { accountText } from '#server/mail/words.js';
import { record } from '#server/trace/record.js';

const NEXT = {
  'as it was': 'The password is as it was.',
  link: 'The password was set since and works no longer. A link for a new one is mailed.',
  held: 'The password was set since and works no longer. So was the e-mail address, which may be somebody else’s: an administrator has to look whose it is, and send the link for a new password.',
} as const;

/** What has been changed since the factor was taken, and so may be a stranger's. */
interface Since {
  passwordSince: boolean;
  /** The password is over, and no link for a new one goes to the address that the account has now: an administrator sends it. */
  held: boolean;
}

/** The live link with this token, and what taking it would lead to. Throws `DeadLink`; changes nothing. */
export async function findUndo(context: Context, token: string): Promise<LiveLink & Since> {
  const found = await findLink(context, 'undo', token);
  await keptBy(found);
  return { ...found, ...(await sinceThen(found)) };
}

/**
 * Puts back the factors that an administrator took away, for who has the mail that told of it. What was set up since is over,
 * with every session; tokens and keys made since are revoked or suspended, and a password set since opens nothing: a link for a
 * new one is mailed, but to no address that the account has got since. Administrators are told.
 */
export async function putBack(
  context: Context,
  token: string,
): Promise<Since & { owner: User; tenant: TenantInContext }> {
  const found = await findLink(context, 'undo', token);
  return takingLink(context, found, async (live) => {
    const { link, user, context: inside } = live;
    const kept = await keptBy(live);
    const { passwordSince, held } = await sinceThen(live);
    user.set(await putFactorsBack(inside, kept));
    const { tenantId, id, epoch, twoFactor } = user;
    // What was taken twice may have been no factor any more the second time: then the password alone sets up none still.
    const enrolmentHeld = user.enrolmentHeld && !(await factorIsLeft(user));
    await User.update(
      {
        ...{ twoFactor, enrolmentHeld, epoch: epoch + 1 },
        ...(passwordSince ? { passwordHash: null, mustChangePassword: true, resetHeld: held } : {}),
      },
      { where: { tenantId, id } },
    );
    const ended = await endAccess(inside, ownerOf(user), 'reset by mail', { since: link.createdAt });
    await dropMark(inside, user);
    await tell(inside, user, link.email, NEXT[held ? 'held' : passwordSince ? 'link' : 'as it was']);
    await recordRevoked(inside, user, ended);
    await record(inside, { event: 'two-factor.put-back', actorId: id, target: { type: 'user', id } });
    if (passwordSince && !held) await sendResetLink(inside, user);
    return { passwordSince, held, owner: user, tenant: inside.tenant };
  });
}

async function keptBy({ link }: LiveLink): Promise<KeptFactor> {
  const { tenantId, userId, about } = link;
  const kept = await KeptFactor.findOne({ where: { tenantId, userId, id: about ?? '' } });
  if (!kept) throw new DeadLink(410);
  return kept;
}

async function sinceThen({ link, user, context }: LiveLink): Promise<Since> {
  const passwordSince = user.passwordHash === null || (user.passwordChangedAt ?? 0) >= link.createdAt;
  // Whoever was in the account may have put their own address there, and an administrator may have.
  const moved = canonicalEmail(link.email) !== canonicalEmail(user.email);
  return { passwordSince, held: passwordSince && (moved || (await isAddressTooNew(context, user.id, null))) };
}

async function tell(inside: TenantContext, user: User, mailedTo: string, next: string): Promise<void> {
  const { tenant } = inside;
  const { id, name, username, locale, timeZone } = user;
  for (const email of new Set([user.email, mailedTo])) {
    const to = { id, name, username, locale, timeZone, email };
    await queueMail(inside, { event: 'factors-put-back', to, tenant, variables: { next } });
  }
  const accountLink = `/admin/users/${user.id}`;
  for (const to of await adminsOf(tenant.id, user.id)) {
    const variables = { of: user.username, account: accountText(user), accountLink, next };
    await queueMail(inside, { event: 'factors-put-back-report', to, tenant, variables });
  }
}
