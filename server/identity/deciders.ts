import type { Approval } from '#models/approval.js';
import { Tenant } from '#models/tenant.js';
import { User } from '#models/user.js';
import { mayDecide, type RequestedApproval } from '#policies/approval.js';
import { standingOf } from '#policies/role.js';
import { adminsOf } from './admins.js';
import { movesOf } from './standing-moves.js';

/** Everybody who may say yes or no to this. */
export async function decidersOf(requested: RequestedApproval): Promise<User[]> {
  const { decidingTenantId: tenantId } = requested;
  const tenant = await Tenant.findByPk(tenantId);
  const platform = tenant?.isPlatform ?? false;
  return (await adminsOf(tenantId, '')).filter(({ id, roles = [] }) =>
    mayDecide({ kind: 'user', id, tenantId, platform, ...standingOf(roles) }, requested),
  );
}

/** Who has got their rights in the deciding organisation of late. */
export async function newcomersOf(
  { decidingTenantId }: Pick<Approval, 'decidingTenantId'>,
  now: number,
): Promise<ReadonlySet<string>> {
  return (await movesOf(decidingTenantId, now)).raised;
}

/** The account that an approval is about, as it is now; null where it is gone. */
export async function targetOfApproval({
  tenantId,
  userId,
}: Pick<Approval, 'tenantId' | 'userId'>): Promise<RequestedApproval['target']> {
  const user = await User.inTenant(tenantId, userId);
  return user && { id: user.id, tenantId, ...standingOf(user.roles ?? []) };
}
