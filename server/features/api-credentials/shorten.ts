import { Op } from 'sequelize';
import { ApiCredential } from '#models/api-credential.js';
import { User } from '#models/user.js';
import { addMonths } from '#policies/months.js';
import type { TenantContext } from '#server/context.js';
import { DAY } from '#server/lib/clock.js';
import { queueMail } from '#server/mail/outbox.js';
import { accountText, timeText, tokenText } from '#server/mail/words.js';
import { adminsOf } from '#server/identity/admins.js';

/** What is shortened does not die at once: its owner has this long to replace it. */
const LEAST_LEFT = 14 * DAY;

/** The live tokens of the tenant that a cap of so many months would shorten, each with the end it would get. */
export async function overCap(
  { tenant, now }: TenantContext,
  months: number,
): Promise<{ token: ApiCredential; endsAt: number }[]> {
  const tokens = await ApiCredential.findAll({
    where: {
      tenantId: tenant.id,
      kind: 'token',
      revokedAt: null,
      expiresAt: { [Op.gt]: now + LEAST_LEFT },
      months: { [Op.gt]: months },
    },
  });
  return tokens
    .map((token) => ({ token, endsAt: Math.max(addMonths(token.createdAt, months), now + LEAST_LEFT) }))
    .filter(({ token, endsAt }) => endsAt < (token.expiresAt ?? 0));
}

/** Shortens them, and tells their owners; of those of service accounts, the administrators. Gives how many. Inside a transaction. */
export async function shortenTokens(context: TenantContext, months: number): Promise<number> {
  const found = await overCap(context, months);
  let admins: User[] | undefined;
  for (const { token, endsAt } of found) {
    // The notices before the end start anew: the end is another.
    await token.update({ expiresAt: endsAt, noticedDays: null });
    const owner = await User.findOne({ where: { tenantId: token.tenantId, id: token.userId } });
    if (owner?.kind === 'person') await tellOwner(context, token, endsAt, owner);
    if (owner?.kind === 'service') {
      admins ??= await adminsOf(token.tenantId, owner.id);
      await tellAdmins(context, token, endsAt, owner, admins);
    }
  }
  return found.length;
}

async function tellOwner(context: TenantContext, token: ApiCredential, endsAt: number, owner: User): Promise<void> {
  const { tenant, services } = context;
  const variables = {
    ...shortened(token, endsAt, owner),
    credentialsLink: `${services.config.baseUrl}/security/tokens`,
  };
  await queueMail(context, { event: 'credential-shortened', to: owner, tenant, variables });
}

async function tellAdmins(
  context: TenantContext,
  token: ApiCredential,
  endsAt: number,
  owner: User,
  admins: readonly User[],
): Promise<void> {
  const { tenant, services } = context;
  for (const admin of admins) {
    const variables = {
      ...shortened(token, endsAt, admin),
      account: accountText(owner),
      accountLink: `${services.config.baseUrl}/admin/users/${owner.id}`,
    };
    await queueMail(context, { event: 'service-credential-shortened', to: admin, tenant, variables });
  }
}

function shortened(token: ApiCredential, endsAt: number, reader: User): { credential: string; expires: string } {
  return {
    credential: tokenText(token),
    expires: `now ends on ${timeText(endsAt, reader.locale, reader.timeZone)}`,
  };
}
