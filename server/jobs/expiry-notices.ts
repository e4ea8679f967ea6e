import { Op } from 'sequelize';
import { ApiCredential } from '#models/api-credential.js';
import { inTransaction } from '#models/transaction.js';
import { Tenant } from '#models/tenant.js';
import { User } from '#models/user.js';
import { SYSTEM } from '#policies/actor.js';
import { credentialPermissions } from '#policies/credential.js';
import { concernsOthers } from '#policies/permissions.js';
import { effectivePermissions } from '#policies/roles.js';
import { contextWithoutRequest, type Context, type Services } from '#server/context.js';
import { adminsOf } from '#server/identity/admins.js';
import { DAY } from '#server/lib/clock.js';
import { queueMail } from '#server/mail/outbox.js';
import { accountText, credentialPath, credentialText, dayText, timeText } from '#server/mail/words.js';

/** Days before the end, the most urgent first: whoever was not reached in time gets one mail, not three. */
const NOTICES = [0, 3, 14] as const;
const BATCH = 200;
/** What ended longer ago than this while no job ran is no news. */
const STALE = 3 * DAY;

/**
 * Mails the owners of API credentials 14, 3 and 0 days before they end, once each; for a service account its
 * administrators. Gives how many credentials that was.
 */
export async function noticeExpiries(services: Services, stop?: AbortSignal): Promise<number> {
  let told = 0;
  for (const days of NOTICES) {
    let due: ApiCredential[];
    do {
      due = stop?.aborted ? [] : await dueCredentials(services.clock.now(), days);
      for (const credential of due) if (await notice(services, credential, days)) told += 1;
    } while (due.length === BATCH);
  }
  return told;
}

async function dueCredentials(now: number, days: number): Promise<ApiCredential[]> {
  return ApiCredential.findAll({
    where: {
      revokedAt: null,
      expiresAt: { [Op.lte]: now + days * DAY, [Op.gt]: days === 0 ? now - STALE : now },
      noticedDays: { [Op.or]: [null, { [Op.gt]: days }] },
    },
    order: [['expiresAt', 'ASC']],
    limit: BATCH,
  });
}

// Marked and mailed in one transaction: neither a restart nor a second process can send it twice. Marked also where
// there is nobody to tell, so that the same tokens are not looked at again and again.
async function notice(services: Services, credential: ApiCredential, days: number): Promise<boolean> {
  return inTransaction(async () => {
    const { tenantId, id } = credential;
    const [marked] = await ApiCredential.update(
      { noticedDays: days },
      { where: { id, tenantId, revokedAt: null, noticedDays: { [Op.or]: [null, { [Op.gt]: days }] } } },
    );
    const tenant = await Tenant.findByPk(tenantId);
    const owner = await User.findOne({ where: { tenantId, id: credential.userId, status: 'active' } });
    if (marked !== 1 || tenant?.status !== 'active' || !owner) return false;
    const context = contextWithoutRequest(services, SYSTEM, 'job');
    if (owner.kind === 'service')
      await tellAdmins(context, 'service-credential-expiring', credential, days, owner, tenant);
    else {
      await tellOwner(context, credential, days, owner, tenant);
      if (days === 3 && (await canChangeThings(credential)))
        await tellAdmins(context, 'credential-expiring-report', credential, days, owner, tenant);
    }
    return true;
  });
}

async function tellOwner(
  context: Context,
  credential: ApiCredential,
  days: number,
  owner: User,
  tenant: Tenant,
): Promise<void> {
  const variables = {
    credential: credentialText(credential),
    ...endOf(credential, days, owner),
    credentialsLink: credentialPath(credential),
  };
  await queueMail(context, { event: 'credential-expiring', to: owner, tenant, variables });
}

async function tellAdmins(
  context: Context,
  event: 'credential-expiring-report' | 'service-credential-expiring',
  credential: ApiCredential,
  days: number,
  owner: User,
  tenant: Tenant,
): Promise<void> {
  for (const admin of await adminsOf(tenant.id, owner.id)) {
    const variables = {
      credential: credentialText(credential),
      account: accountText(owner),
      of: owner.username,
      ...endOf(credential, days, admin),
      accountLink: `/admin/users/${owner.id}`,
    };
    await queueMail(context, { event, to: admin, tenant, variables });
  }
}

// What can change things, and is about to stop, stops something that the organisation may depend on.
async function canChangeThings({ kind, tenantId, userId, roleId, scopeList }: ApiCredential): Promise<boolean> {
  const roles = (await User.inTenant(tenantId, userId))?.roles ?? [];
  const role = roles.find(({ id }) => id === roleId);
  const permissions = credentialPermissions({
    kind,
    userPermissions: effectivePermissions(roles),
    roleGrants: role?.grants ?? null,
    roleReadOnly: role?.readOnly ?? false,
    scopes: scopeList,
  });
  return [...permissions].some(concernsOthers);
}

function endOf({ expiresAt }: ApiCredential, days: number, { locale, timeZone }: User) {
  const when = timeText(expiresAt ?? 0, locale, timeZone);
  const day = dayText(expiresAt ?? 0, locale, timeZone);
  return days === 0
    ? { expires: `has expired on ${when}`, ends: `expired on ${day}` }
    : { expires: `expires on ${when}`, ends: `expires on ${day}` };
}
