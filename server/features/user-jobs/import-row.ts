import type { TenantContext } from '#server/context.js';
import { NotFound } from '#server/errors.js';
import { actOnUser, type UserWithRoles } from '#server/identity/user.js';
import { listAfter } from '#server/lib/list-after.js';
import { canonicalEmail } from '#policies/names.js';
import { createUser } from '../users/create.js';
import { applyChanges, CHANGING, type UserChanges } from '../users/edit.js';
import { keptRow } from './import-kept.js';
import { ALL_SO, Unneeded } from './unneeded.js';

/** Does what a row means, by the very action of the single page. Somebody new gets the id that the row has. */
export async function importRow(context: TenantContext, id: string, input: string | null): Promise<void> {
  const intended = keptRow(input)?.intended;
  if (!intended) throw new NotFound();
  if ('change' in intended)
    await actOnUser(context, id, CHANGING, (user, acting) => {
      if (isSo(user, intended.change)) throw new Unneeded(ALL_SO);
      return applyChanges(acting, user, intended.change);
    });
  else
    await createUser(context, {
      ...{ ...intended.add, id, onboarding: 'invite', password: '', mustChangePassword: false },
    });
}

// Others may have done since what the row would do.
function isSo(user: UserWithRoles, { name, email, roleIds, rolesShown, status }: UserChanges): boolean {
  const held = user.roles.map((role) => role.id);
  const wanted = roleIds && rolesShown ? listAfter(held, rolesShown, roleIds) : (roleIds ?? held);
  return (
    (name ?? user.name) === user.name &&
    canonicalEmail(email ?? user.email) === canonicalEmail(user.email) &&
    [...wanted].sort().join() === held.sort().join() &&
    (status === undefined || (status === 'disabled') === (user.status === 'disabled'))
  );
}
