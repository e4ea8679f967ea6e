import { User } from '#models/user.js';
import { credentialPermissions } from '#policies/credential.js';
import { canonicalIpList } from '#policies/ip-range.js';
import { addMonths } from '#policies/months.js';
import { PERMISSIONS, type Permission } from '#policies/permissions.js';
import { effectivePermissions } from '#policies/roles.js';
import type { TenantContext } from '#server/context.js';
import { Forbidden, NotFound } from '#server/errors.js';
import { can } from '#policies/can.js';
import { checkToken, type NewToken } from './tokens.js';

/** What a token would be, before it is made. */
export interface TokenSummary {
  role: string;
  permissions: readonly { name: Permission; label: string }[];
  /** It could also change its owner's own account. */
  changesOwn: boolean;
  expiresAt: number;
  allowedIps: readonly string[];
  needsApproval: boolean;
}

/** What a token of this user would be able to do, until when and from where. Makes nothing. Throws what making it would. */
export async function summaryOf(context: TenantContext, userId: string, given: NewToken): Promise<TokenSummary> {
  const { tenant, actor, now } = context;
  if (!can(actor, 'tokens:create')) throw new Forbidden();
  const owner = await User.inTenant(tenant.id, userId);
  if (!owner) throw new NotFound();
  const role = await checkToken(context, owner, given);
  const permissions = credentialPermissions({
    kind: 'token',
    userPermissions: effectivePermissions(owner.roles ?? []),
    roleGrants: role.grants,
    roleReadOnly: role.readOnly,
    scopes: given.scopes,
  });
  const addresses = canonicalIpList(given.allowedIps);
  return {
    role: role.name,
    permissions: PERMISSIONS.filter(({ name }) => permissions.has(name)).map(({ name, label }) => ({ name, label })),
    changesOwn: given.scopes === null && !role.readOnly,
    expiresAt: addMonths(now, given.months),
    allowedIps: addresses === '' ? [] : addresses.split('\n'),
    needsApproval: role.tokensNeedApproval,
  };
}
