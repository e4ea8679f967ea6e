import { Role } from '#models/role.js';
import { Tenant } from '#models/tenant.js';
import { readInTransaction } from '#models/transaction.js';
import { mayAssign, mayEditRole, standingOf } from '#policies/role.js';
import { exceeds } from '#policies/user.js';
import type { TenantContext } from '#server/context.js';
import { Forbidden, Invalid } from '#server/errors.js';
import { changeRoles } from '#server/identity/change-roles.js';
import { keepAnOwner } from '#server/identity/last-owner.js';
import { findUser, type UserWithRoles } from '#server/identity/user.js';
import { record } from '#server/trace/record.js';
import { changingRoles } from './actions.js';
import { findRole } from './list.js';

/** So many get another role with the removal of theirs, in one write; more are given it on the list of users first. */
const MOST_REPLACED = 500;

/** Removes a role of the tenant's own. Whoever holds it gets the replacement, and signs in again; without one nobody may hold it. */
export async function removeRole(
  context: TenantContext,
  id: string,
  { replacementRoleId }: { replacementRoleId?: string | undefined } = {},
): Promise<void> {
  await changingRoles(context, async (acting, tell) => {
    const { actor, tenant } = acting;
    const role = await findRole({ tenant }, id);
    if (!mayEditRole(actor, role))
      throw new Forbidden('A factory role, and one that grants more than you may do, cannot be removed.');
    const held = await readInTransaction(
      'SELECT user_id FROM user_roles WHERE tenant_id = $1 AND role_id = $2 ORDER BY user_id',
      [tenant.id, id],
    );
    const holders = held.map((row) => String(row['user_id']));
    const other = await otherRole(acting, role, replacementRoleId);
    const replacement = holders.length > 0 ? dueIn(other, holders) : null;
    if (replacement) {
      for (const userId of holders) await replaceRole(acting, userId, role, replacement);
      await keepAnOwner(acting, 'replacementRoleId');
    }
    await role.destroy();
    await forgetAsDefault(acting, role);
    await tell('role.removed', id, { name: role.name, ...(replacement ? { replacement: replacement.name } : {}) });
  });
}

// Whoever is new gets “User” then, and no setting names what is gone.
async function forgetAsDefault(acting: TenantContext, { id, name }: Role): Promise<void> {
  const tenantId = acting.tenant.id;
  const [changed] = await Tenant.update({ defaultRoleId: null }, { where: { id: tenantId, defaultRoleId: id } });
  if (changed !== 1) return;
  const details = { defaultRoleId: { from: name, to: '' } };
  await record(acting, { event: 'tenant.changed', target: { type: 'tenant', id: tenantId }, details });
}

// Whether or not anybody holds the role: who names one that is not here is mistaken about what goes.
async function otherRole({ tenant }: TenantContext, role: Role, roleId: string | undefined): Promise<Role | null> {
  if (roleId === undefined) return null;
  const other = await Role.findOne({ where: { tenantId: tenant.id, id: roleId } });
  if (!other || other.id === role.id)
    throw Invalid.field('replacementRoleId', 'Choose another role of this organisation.');
  return other;
}

function dueIn(other: Role | null, { length }: readonly string[]): Role {
  if (!other)
    throw Invalid.field(
      'replacementRoleId',
      `${length === 1 ? 'One user still has' : `${length} users still have`} this role. Choose the role that takes its place.`,
    );
  if (length > MOST_REPLACED)
    throw Invalid.field(
      'replacementRoleId',
      `${length} users have this role, and at most ${MOST_REPLACED} can be given another with its removal. Give it to them on the list of users first.`,
    );
  return other;
}

async function replaceRole(acting: TenantContext, userId: string, role: Role, by: Role): Promise<void> {
  const user = await findUser(acting, userId);
  const after = [...user.roles.filter(({ id }) => id !== role.id && id !== by.id), by];
  refuseToMove(acting, user, after);
  await changeRoles(acting, user, after);
}

function refuseToMove({ actor }: TenantContext, user: UserWithRoles, after: readonly Role[]): void {
  if (user.id === actor.id)
    throw new Forbidden('You hold this role yourself, and cannot change your own roles. Ask another administrator.');
  if (exceeds(actor, standingOf(user.roles)))
    throw new Forbidden('Somebody who holds this role may do more than you. Ask somebody who may do as much.');
  if (!mayAssign(actor, user.roles, after))
    throw new Forbidden(
      'You cannot give the people who hold this role the other one: you may not give roles, or it may do more than you.',
    );
}
