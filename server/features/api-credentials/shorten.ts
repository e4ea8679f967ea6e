import { Op } from 'sequelize';
import { ApiCredential } from '#models/api-credential.js';
import { SshKey } from '#models/ssh-key.js';
import { User } from '#models/user.js';
import { addMonths } from '#policies/months.js';
import type { TenantContext } from '#server/context.js';
import { DAY } from '#server/lib/clock.js';
import { queueMail } from '#server/mail/outbox.js';
import { accountText, credentialPath, credentialText, dayText, timeText } from '#server/mail/words.js';
import { adminsOf } from '#server/identity/admins.js';

/** What is shortened does not die at once: its owner has this long to replace it. */
const LEAST_LEFT = 14 * DAY;
/** So many are named in a mail. */
const NAMED = 20;

/** What ends sooner than its owner counts on. */
export interface Sooner {
  credential: ApiCredential | SshKey;
  endsAt: number;
}

/** The end that a cap of so many months gives to what was made then. */
export function cappedEnd(createdAt: number, months: number, now: number): number {
  return Math.max(addMonths(createdAt, months), now + LEAST_LEFT);
}

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
    .map((credential) => ({ credential, endsAt: cappedEnd(credential.createdAt, months, now) }))
    .filter(({ credential, endsAt }) => endsAt < (credential.expiresAt ?? 0));
}

/** Shortens those that a cap of so many months would, and tells of it. Gives how many. Inside a transaction. */
export async function shortenCredentials(
  context: TenantContext,
  kind: ApiCredential['kind'],
  months: number,
): Promise<number> {
  const found = await overCap(context, kind, months);
  await shorten(context, found, context.tenant.name);
  return found.length;
}

/** Shortens these, and tells each owner once by whom; of what service accounts have, the administrators. Inside a transaction. */
export async function shorten(context: TenantContext, found: readonly Sooner[], by: string): Promise<void> {
  const owners = new Map<string, Sooner[]>();
  for (const one of found) {
    const { credential, endsAt } = one;
    // Somebody else may have shortened it further meanwhile.
    const { tenantId, id } = credential;
    const where = { tenantId, id, expiresAt: { [Op.or]: [null, { [Op.gt]: endsAt }] } };
    // The notices before the end start anew: the end is another.
    await (credential instanceof ApiCredential
      ? ApiCredential.update({ expiresAt: endsAt, noticedDays: null }, { where })
      : SshKey.update({ expiresAt: endsAt }, { where }));
    owners.set(credential.userId, [...(owners.get(credential.userId) ?? []), one]);
  }
  const { tenant } = context;
  let admins: User[] | undefined;
  for (const [id, theirs] of owners) {
    const owner = await User.findOne({ where: { tenantId: tenant.id, id } });
    if (owner?.kind === 'person') await tellOwner(context, theirs, owner, by);
    if (owner?.kind === 'service') {
      admins ??= await adminsOf(tenant.id, owner.id);
      await tellAdmins(context, theirs, owner, { admins, by });
    }
  }
}

async function tellOwner(context: TenantContext, found: readonly Sooner[], owner: User, by: string): Promise<void> {
  const { tenant } = context;
  const [first] = found;
  const path = found.length === 1 && first ? pathOf(first) : '/security';
  const variables = { ...shortened(found, owner), by, credentialsLink: path };
  await queueMail(context, { event: 'credential-shortened', to: owner, tenant, variables });
}

async function tellAdmins(
  context: TenantContext,
  found: readonly Sooner[],
  owner: User,
  { admins, by }: { admins: readonly User[]; by: string },
): Promise<void> {
  const { tenant } = context;
  for (const admin of admins) {
    const variables = {
      ...shortened(found, admin),
      ...(found.length === 1 ? {} : { ends: `and others ${shortened(found, admin).ends}` }),
      by,
      account: accountText(owner),
      of: owner.username,
      accountLink: `/admin/users/${owner.id}`,
    };
    await queueMail(context, { event: 'service-credential-shortened', to: admin, tenant, variables });
  }
}

function shortened(found: readonly Sooner[], { locale, timeZone }: User) {
  const latest = Math.max(...found.map(({ endsAt }) => endsAt));
  const named = found.slice(0, NAMED).map((one) => `${textOf(one)}: ${timeText(one.endsAt, locale, timeZone)}`);
  const more = found.length > NAMED ? [`and ${found.length - NAMED} more`] : [];
  const [first] = found;
  const one = found.length === 1 && first;
  return {
    credential: one ? textOf(one) : `${found.length} credentials`,
    expires: one
      ? `now ends on ${timeText(latest, locale, timeZone)}`
      : `now end by ${timeText(latest, locale, timeZone)}`,
    ends: one ? `now ends on ${dayText(latest, locale, timeZone)}` : `now end by ${dayText(latest, locale, timeZone)}`,
    which: [...named, ...more].join('; '),
  };
}

function textOf({ credential }: Sooner): string {
  return credential instanceof ApiCredential ? credentialText(credential) : `The SSH key “${credential.name}”`;
}

function pathOf({ credential }: Sooner): string {
  return credential instanceof ApiCredential ? credentialPath(credential) : '/security/ssh-keys';
}
