import { Op } from 'sequelize';
import { ApiCredential } from '#models/api-credential.js';
import { User } from '#models/user.js';
import { addMonths } from '#policies/months.js';
import type { TenantContext } from '#server/context.js';
import { DAY } from '#server/lib/clock.js';
import { queueMail } from '#server/mail/outbox.js';
import { accountText, credentialPath, credentialText, dayText, timeText } from '#server/mail/words.js';
import { adminsOf } from '#server/identity/admins.js';

/** What is shortened does not die at once: its owner has this long to replace it. */
const LEAST_LEFT = 14 * DAY;

/** The live credentials of this kind that a cap of so many months would shorten in the tenant, each with the end it would get. */
export async function overCap(
  { tenant, now }: TenantContext,
  kind: ApiCredential['kind'],
  months: number,
): Promise<{ credential: ApiCredential; endsAt: number }[]> {
  const credentials = await ApiCredential.findAll({
    where: {
      tenantId: tenant.id,
      kind,
      revokedAt: null,
      expiresAt: { [Op.gt]: now + LEAST_LEFT },
      months: { [Op.gt]: months },
    },
  });
  return credentials
    .map((credential) => ({
      credential,
      endsAt: Math.max(addMonths(credential.createdAt, months), now + LEAST_LEFT),
    }))
    .filter(({ credential, endsAt }) => endsAt < (credential.expiresAt ?? 0));
}

/** Shortens them, and tells their owners; of those of service accounts, the administrators. Gives how many. Inside a transaction. */
export async function shortenCredentials(
  context: TenantContext,
  kind: ApiCredential['kind'],
  months: number,
): Promise<number> {
  const found = await overCap(context, kind, months);
  let admins: User[] | undefined;
  for (const { credential, endsAt } of found) {
    // The notices before the end start anew: the end is another.
    await credential.update({ expiresAt: endsAt, noticedDays: null });
    const owner = await User.findOne({ where: { tenantId: credential.tenantId, id: credential.userId } });
    if (owner?.kind === 'person') await tellOwner(context, credential, endsAt, owner);
    if (owner?.kind === 'service') {
      admins ??= await adminsOf(credential.tenantId, owner.id);
      await tellAdmins(context, credential, endsAt, owner, admins);
    }
  }
  return found.length;
}

async function tellOwner(
  context: TenantContext,
  credential: ApiCredential,
  endsAt: number,
  owner: User,
): Promise<void> {
  const { tenant, services } = context;
  const variables = {
    ...shortened(credential, endsAt, owner),
    credentialsLink: `${services.config.baseUrl}${credentialPath(credential)}`,
  };
  await queueMail(context, { event: 'credential-shortened', to: owner, tenant, variables });
}

async function tellAdmins(
  context: TenantContext,
  credential: ApiCredential,
  endsAt: number,
  owner: User,
  admins: readonly User[],
): Promise<void> {
  const { tenant, services } = context;
  for (const admin of admins) {
    const variables = {
      ...shortened(credential, endsAt, admin),
      account: accountText(owner),
      of: owner.username,
      accountLink: `${services.config.baseUrl}/admin/users/${owner.id}`,
    };
    await queueMail(context, { event: 'service-credential-shortened', to: admin, tenant, variables });
  }
}

function shortened(credential: ApiCredential, endsAt: number, { locale, timeZone }: User) {
  return {
    credential: credentialText(credential),
    expires: `now ends on ${timeText(endsAt, locale, timeZone)}`,
    ends: `now ends on ${dayText(endsAt, locale, timeZone)}`,
  };
}
