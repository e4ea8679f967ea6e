import type { TenantContext } from '#server/context.js';

/** Who did it, for a mail. */
export function nameOf({ user, door }: Pick<TenantContext, 'user' | 'door'>): string {
  return user?.name ?? (door === 'cli' ? 'the operator of the server' : 'an administrator');
}
