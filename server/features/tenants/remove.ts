import { Transaction } from 'sequelize';
import { FormerName } from '#models/former-name.js';
import { Tenant } from '#models/tenant.js';
import { removeWithAll } from '#models/tenant-removal.js';
import { User } from '#models/user.js';
import { canonicalSlug } from '#policies/names.js';
import { mayRemoveTenant } from '#policies/tenant.js';
import type { Context } from '#server/context.js';
import { Forbidden, Invalid, NotFound } from '#server/errors.js';
import { removeAccess } from '#server/identity/walk-access.js';
import { NOBODY, reserveName, SHORT_NAMES } from '#server/identity/former-name.js';
import { actingNow } from '#server/identity/acting.js';
import { tell } from './tell.js';

/**
 * Removes an organisation for good, once its short name has been typed; a program names it by its id and types none.
 * Its people, roles, sessions, credentials and mails go with it, by the foreign keys; everybody is out with their next
 * request, and the short name stays reserved. What was done stays in the security log, under numbers in place of names, and
 * the platform's own log tells of the removal. Gives the name it had. Throws `Invalid` for another short name, `Forbidden` for the platform.
 */
export async function removeTenant(
  context: Context,
  tenantId: string,
  typedSlug: string | null,
): Promise<{ name: string }> {
  return actingNow(context, 'tenants:write', async (acting) => {
    const tenant = await Tenant.findByPk(tenantId, { lock: Transaction.LOCK.UPDATE });
    if (!tenant) throw new NotFound();
    if (!mayRemoveTenant(acting.actor, { platform: tenant.isPlatform }))
      throw new Forbidden('The platform cannot be removed: nobody could look after the organisations.');
    if (typedSlug !== null && canonicalSlug(typedSlug) !== tenant.slug)
      throw Invalid.field('slug', 'This is not the short name of the organisation. Type it as it stands above.');
    const users = await User.count({ where: { tenantId } });
    await tell(acting, tenant, 'tenant.removed', { slug: tenant.slug, name: tenant.name, users });
    await removeAccess({ tenantId });
    await removeWithAll(tenantId);
    // Of its people nobody can be taken for another any more; the organisation itself could be.
    await FormerName.destroy({ where: { scope: tenantId } });
    await reserveName(acting, SHORT_NAMES, tenant.slug, NOBODY);
    return { name: tenant.name };
  });
}
