import { readInTransaction } from '#models/transaction.js';
import type { SignedInContext, TenantContext } from '#server/context.js';
import { Invalid } from '#server/errors.js';
import { ableOwners } from './able-owners.js';

/**
 * Throws `Invalid` (against `field`, or the whole form) unless there is, as things are now, an active owner who can sign
 * in and effectively do all that an owner may; in the platform, an operator. Ask it after every change that can lower
 * somebody, inside its write, which holds the organisation: of two such changes at once the second counts after the first.
 */
export async function keepAnOwner({ tenant }: TenantContext, field = ''): Promise<void> {
  if ((await ableOwners(readInTransaction, tenant.id)).length > 0) return;
  const name = tenant.platform ? 'operator' : 'owner';
  throw Invalid.field(field, `This is the last active ${name}. Make somebody else ${name} first.`);
}

/** Whether nobody but the caller could keep the organisation. For pages: what counts is `keepAnOwner`, at the write. */
export async function isLastOwner({ services, tenant, actor, user }: SignedInContext): Promise<boolean> {
  if (!actor.top) return false;
  const able = await ableOwners((sql, bind) => services.database.read(sql, bind), tenant.id);
  return able.every((id) => id === user.id);
}
