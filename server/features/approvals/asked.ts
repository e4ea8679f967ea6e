import { ApiCredential } from '#models/api-credential.js';
import type { Approval } from '#models/approval.js';
import { Role } from '#models/role.js';
import { User } from '#models/user.js';
import type { ApprovalKind } from '#policies/enumerations.js';
import { isWrite } from '#policies/permissions.js';
import type { Context } from '#server/context.js';
import { stillStands } from '#server/identity/still-stands.js';
import { describeTaking, takingOf } from '#server/identity/taking.js';
import type { UserWithRoles } from '#server/identity/user.js';
import { MINUTE } from '#server/lib/clock.js';
import { credentialText, spanText } from '#server/mail/words.js';

/** What is asked for, in words, and whether it can still be given. */
export interface Asked {
  /** "The API token “Nightly backup”". */
  what: string;
  facts: readonly { label: string; value: string }[];
  expires: number | null;
  /** What it was for is gone: the role, the account, or the thing itself. */
  moot: boolean;
}

/** What each kind is called. */
export const LABELS: Readonly<Record<ApprovalKind, string>> = {
  'api-token': 'API token',
  'two-factor-reset': 'Reset of a second factor',
  'two-factor-removal': 'Removal of a second factor',
  'passkey-removal': 'Removal of passkeys',
  'access-pass': 'Access pass',
};

type Looking = Pick<Context, 'services' | 'now'>;

/** What this asks for, as things are now. */
export function askedIn(context: Looking, approval: Approval): Promise<Asked> {
  return approval.kind === 'api-token' ? tokenAsked(context, approval) : takingAsked(context, approval);
}

async function takingAsked(context: Looking, approval: Approval): Promise<Asked> {
  const user = await User.inTenant(approval.tenantId, approval.userId);
  const what = user ? await describeTaking(user, takingOf(approval)) : null;
  const { minutes, kind } = approval;
  const goesWith = minutes === null ? 'A link by mail, where no factor is left' : spanText(minutes * MINUTE, 'en');
  return {
    what: what ?? LABELS[kind],
    facts: kind === 'access-pass' ? [] : [{ label: 'Access pass with it', value: goesWith }],
    expires: null,
    moot: !user || what === null || !(await stillStands(context, approval, user as UserWithRoles)),
  };
}

// Whoever says yes to all of a role must not have to look up how much that is.
function scopesIn(scopes: readonly string[] | null, role: Role | null): string {
  if (scopes !== null) return scopes.join(', ') || 'None';
  const given = (role?.grants ?? []).filter((permission) => !(role?.readOnly && isWrite(permission)));
  return role ? `All of the role: ${given.sort().join(', ') || 'nothing now'}` : 'All of the role';
}

async function tokenAsked({ now }: Looking, { tenantId, userId, subjectId }: Approval): Promise<Asked> {
  const token = await ApiCredential.findOne({ where: { tenantId, id: subjectId } });
  const owner = await User.inTenant(tenantId, userId);
  if (!token) return { what: 'An API token that is gone', facts: [], expires: null, moot: true };
  const role = await Role.findOne({ where: { tenantId, id: token.roleId ?? '' } });
  const held = owner?.roles?.some(({ id }) => id === token.roleId) ?? false;
  const { scopeList, allowedIps, expiresAt } = token;
  return {
    what: credentialText(token),
    facts: [
      { label: 'Role', value: role?.name ?? 'Removed role' },
      { label: 'Scopes', value: scopesIn(scopeList, role) },
      { label: 'Allowed IP addresses', value: allowedIps === '' ? 'All' : allowedIps.split('\n').join(', ') },
    ],
    expires: expiresAt,
    moot: token.revokedAt !== null || (expiresAt !== null && expiresAt <= now) || !held || owner?.status !== 'active',
  };
}
