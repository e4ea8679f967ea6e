import type { PolicyEntry } from '#models/policy-entry.js';
import { User } from '#models/user.js';
import type { TenantContext } from '#server/context.js';
import { nobodyText } from '#server/trace/nobody-text.js';

/** Who made a change: an account of the organisation, or words for who has none. */
export interface Author {
  id: string | null;
  username: string | null;
  name: string;
}

/** The authors of what these accounts, by whichever door, did to the policy. */
export async function authorsOf(
  { tenant }: TenantContext,
  ids: readonly (string | null)[],
): Promise<(one: Pick<PolicyEntry, 'actorId' | 'actorTenantId' | 'door'>) => Author> {
  const id = [...new Set(ids.filter((one) => one !== null))];
  const users = await User.findAll({
    where: { tenantId: tenant.id, id },
    attributes: ['id', 'username', 'name'],
  });
  return ({ actorId, actorTenantId, door }) => {
    const user = users.find((one) => one.id === actorId);
    if (user) return { id: user.id, username: user.username, name: user.name };
    const name = actorId === null ? nobodyText(door) : actorTenantId === tenant.id ? 'A deleted user' : 'Operator';
    return { id: null, username: null, name };
  };
}
