import { Op, type WhereOptions } from 'sequelize';
import { Role } from '#models/role.js';
import { inTransaction } from '#models/transaction.js';
import { Tenant } from '#models/tenant.js';
import { User } from '#models/user.js';
import { SYSTEM } from '#policies/actor.js';
import { contextWithoutRequest, type Services, type TenantContext } from '#server/context.js';
import { Invalid, NotFound } from '#server/errors.js';
import { removeLeaver } from '#server/features/users/remove.js';
import { actingNow } from '#server/identity/acting.js';
import { inContext } from '#server/identity/tenant.js';
import { DAY } from '#server/lib/clock.js';
import { queueMail } from '#server/mail/outbox.js';
import { accountText, timeText } from '#server/mail/words.js';
import { record } from '#server/trace/record.js';

const BATCH = 100;

/**
 * Tells those whose account goes within a day, and removes those whose days of grace are over. Where nobody else could
 * look after the organisation then, it does not happen: the account stays, and its owner and the owners are told.
 * Gives how many accounts have gone.
 */
export async function endGrace(services: Services, stop?: AbortSignal): Promise<number> {
  const now = services.clock.now();
  for (const user of await leaving({ removalNoticed: false, removalAt: { [Op.lte]: now + DAY, [Op.gt]: now } }))
    if (!stop?.aborted) await remind(services, user);
  let gone = 0;
  for (const user of await leaving({ removalAt: { [Op.lte]: now } }))
    if (!stop?.aborted && (await remove(services, user))) gone += 1;
  return gone;
}

// Nobody of a suspended organisation can sign in and stay: until it is open again nobody of it goes.
async function leaving(due: WhereOptions<User>): Promise<User[]> {
  const suspended = await Tenant.findAll({ where: { status: 'suspended' }, attributes: ['id'] });
  const where = { [Op.and]: [due, { tenantId: { [Op.notIn]: suspended.map(({ id }) => id) } }] };
  return User.findAll({ where, order: [['removalAt', 'ASC']], limit: BATCH });
}

// Marked and mailed in one transaction: neither a restart nor a second process can send it twice.
async function remind(services: Services, { id, tenantId, removalAt }: User): Promise<void> {
  await inTransaction(async () => {
    const [marked] = await User.update(
      { removalNoticed: true },
      { where: { tenantId, id, removalAt, removalNoticed: false } },
    );
    const user = await User.findOne({ where: { tenantId, id } });
    const tenant = await Tenant.findByPk(tenantId);
    if (marked !== 1 || !user || !tenant) return;
    const variables = {
      removedOn: timeText(removalAt ?? 0, user.locale, user.timeZone),
      signInLink: '/login',
    };
    const context = contextWithoutRequest(services, SYSTEM, 'job');
    await queueMail(context, { event: 'account-removal-near', to: user, tenant, variables });
  });
}

async function remove(services: Services, { id, tenantId }: User): Promise<boolean> {
  const tenant = await Tenant.findByPk(tenantId);
  if (!tenant) return false;
  const context = contextWithoutRequest(services, SYSTEM, 'job', inContext(tenant)) as TenantContext;
  try {
    return await removeLeaver(context, id, async (acting, user) => {
      // By no id: whatever is kept by that has just gone, and of this mail nothing is kept once it is sent.
      await queueMail(acting, {
        event: 'account-removed',
        to: { ...recipient(user), id: null },
        tenant,
        variables: {},
      });
    });
  } catch (error) {
    // Meanwhile an administrator was first.
    if (error instanceof NotFound) return false;
    if (!(error instanceof Invalid)) throw error;
    await keep(context, id);
    return false;
  }
}

async function keep(context: TenantContext, id: string): Promise<void> {
  await actingNow(
    context,
    'users:delete',
    async (acting) => {
      const { tenant } = acting;
      const [stays] = await User.update(
        { removalAt: null, removalNoticed: false },
        { where: { tenantId: tenant.id, id, removalAt: { [Op.lte]: acting.now } } },
      );
      if (stays !== 1) return;
      const user = await User.findOne({ where: { tenantId: tenant.id, id }, rejectOnEmpty: true });
      await queueMail(acting, { event: 'account-removal-refused', to: user, tenant, variables: {} });
      for (const owner of await ownersBeside(tenant, id)) {
        const variables = {
          account: accountText(user),
          of: user.username,
          accountLink: `/admin/users/${id}`,
        };
        await queueMail(acting, { event: 'account-removal-refused-report', to: owner, tenant, variables });
      }
      await record(acting, { event: 'account.removal-refused', target: { type: 'user', id } });
    },
    { organisation: true, userId: id },
  );
}

// All of them, whether or not they could look after it just now: whoever can be reached may put that right.
async function ownersBeside(tenant: { id: string; platform: boolean }, id: string): Promise<User[]> {
  const role = await Role.factory(tenant.id, tenant.platform ? 'operator' : 'owner');
  const include = { association: 'roles', where: { id: role.id } };
  const where = { tenantId: tenant.id, status: 'active', kind: 'person', id: { [Op.ne]: id } };
  return User.findAll({ where, include, order: [['id', 'ASC']] });
}

function recipient({ email, name, username, locale, timeZone }: User) {
  return { email, name, username, locale, timeZone };
}
