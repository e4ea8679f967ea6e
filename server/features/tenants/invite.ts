import { Role } from '#models/role.js';
import { Tenant } from '#models/tenant.js';
import { countThrottle } from '#models/throttle.js';
import { User } from '#models/user.js';
import type { Context } from '#server/context.js';
import { Conflict, NotFound, TooMany } from '#server/errors.js';
import { actingNow } from '#server/identity/acting.js';
import { sendInvitation } from '#server/identity/invitation-link.js';
import { HOUR, SECOND } from '#server/lib/clock.js';
import { holdTenant, insideOf } from './actions.js';

const AN_HOUR = 5;

/**
 * Mails the invitation again to the owners who have not taken theirs; before the first has, nobody inside could. Gives how
 * many. Throws `TooMany` after five times in an hour.
 */
export async function inviteOwnersAgain(context: Context, tenantId: string): Promise<number> {
  await count(context, tenantId);
  return actingNow(context, 'tenants:write', async (acting) => {
    const tenant = await holdTenant(tenantId);
    if (tenant.status !== 'active') throw new Conflict('This organisation is suspended. Resume it first.');
    const role = await Role.factory(tenant.id, tenant.isPlatform ? 'operator' : 'owner');
    const include = { association: 'roles', where: { id: role.id } };
    const waiting = await User.findAll({
      where: { tenantId: tenant.id, status: 'invited' },
      include,
      order: [['id', 'ASC']],
    });
    for (const owner of waiting) await sendInvitation(insideOf(acting, tenant), owner);
    return waiting.length;
  });
}

// Nobody has asked for these mails: an operator, or a program of theirs, fills no mailbox with them.
async function count({ services, actor, now }: Context, tenantId: string): Promise<void> {
  if (actor?.kind !== 'user') return;
  if ((await Tenant.count({ where: { id: tenantId } })) === 0) throw new NotFound();
  const { points, windowEndsAt } = await countThrottle(services.database, `invitations/${tenantId}`, HOUR, now);
  if (points > AN_HOUR)
    throw new TooMany(
      'Its owners were invited five times within an hour. Wait a little: the newest invitation works.',
      (windowEndsAt - now) / SECOND,
    );
}
