import { ApiCredentialAddress } from '#models/api-credential-address.js';
import { ApiCredential } from '#models/api-credential.js';
import { User } from '#models/user.js';
import { credentialPermissions, type CredentialCase } from '#policies/credential.js';
import type { Permission } from '#policies/permissions.js';
import { effectivePermissions } from '#policies/roles.js';
import { NotFound } from '#server/errors.js';
import { DAY } from '#server/lib/clock.js';
import { firstCharacters } from '#server/lib/api-secret.js';
import { viewsOf, type CredentialView, type OfOwner } from './list.js';
import { formerSecrets } from '#server/identity/credential.js';

const ADDRESSES = 10;
/** An address beside the first is marked as new for so long. */
const NEW_FOR = 7 * DAY;

export interface TokenDetails extends CredentialView {
  /** True while calls with it are taken. */
  works: boolean;
  /** What the token can do right now: role ∩ user ∩ scopes. */
  permissions: readonly Permission[];
  /** True when it may also change its owner's own account: only one that nothing narrows may. */
  changesOwn: boolean;
  /** The last ten, newest first. */
  addresses: readonly { ip: string; lastUsedAt: number; firstUsedAt: number | null; isNew: boolean }[];
  /** The secrets of before a rotation that still work. */
  formerSecrets: readonly { firstCharacters: string; diesAt: number; lastUsedAt: number | null }[];
}

/** One of the owner's tokens, with what it can do right now. */
export async function tokenDetails(context: OfOwner, tokenId: string): Promise<TokenDetails> {
  const { user, now } = context;
  const row = await ApiCredential.findOne({
    where: { tenantId: user.tenantId, userId: user.id, id: tokenId, kind: 'token' },
  });
  if (!row) throw new NotFound();
  const [view] = await viewsOf(context, [row]);
  if (!view) throw new NotFound();
  const where = { tenantId: user.tenantId, credentialId: row.id };
  const addresses = await ApiCredentialAddress.findAll({ where, order: [['lastUsedAt', 'DESC']], limit: ADDRESSES });
  const works = view.roleHeld && (view.state === 'active' || view.state === 'expiring');
  const former = works ? await formerSecrets(row, now) : [];
  return {
    ...view,
    works,
    ...(works ? await rightsNow(row) : { permissions: [], changesOwn: false }),
    addresses: addresses.map(({ ip, lastUsedAt, firstUsedAt, toldAt }) => ({
      ip,
      lastUsedAt,
      firstUsedAt,
      isNew: toldAt !== null && now - toldAt < NEW_FOR,
    })),
    formerSecrets: former.map(({ publicId, diesAt, lastUsedAt }) => ({
      firstCharacters: firstCharacters('token', publicId),
      diesAt: diesAt ?? now,
      lastUsedAt,
    })),
  };
}

async function rightsNow(row: ApiCredential): Promise<Pick<TokenDetails, 'permissions' | 'changesOwn'>> {
  const one = await caseOf(row);
  return { permissions: [...credentialPermissions(one)], changesOwn: one.scopes === null && !one.roleReadOnly };
}

/** What the rights of a token are worked out from, as things are now. */
export async function caseOf({ kind, tenantId, userId, roleId, scopeList }: ApiCredential): Promise<CredentialCase> {
  const roles = (await User.inTenant(tenantId, userId))?.roles ?? [];
  const role = roles.find(({ id }) => id === roleId);
  return {
    kind,
    userPermissions: effectivePermissions(roles),
    roleGrants: role?.grants ?? null,
    roleReadOnly: role?.readOnly ?? false,
    scopes: scopeList,
  };
}
