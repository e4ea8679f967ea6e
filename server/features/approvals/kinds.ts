import { ApiCredential } from '#models/api-credential.js';
import type { Approval } from '#models/approval.js';
import { Role } from '#models/role.js';
import { User } from '#models/user.js';
import type { ApprovalKind } from '#policies/enumerations.js';
import type { Context } from '#server/context.js';
import { Conflict } from '#server/errors.js';
import { revoke } from '#server/identity/credential.js';
import { credentialText } from '#server/mail/words.js';

/** What is asked for, in words, and whether it can still be given. */
export interface Asked {
  /** "The API token “Nightly backup”". */
  what: string;
  facts: readonly { label: string; value: string }[];
  expires: number | null;
  /** What it was for is gone: the role, the account, or the thing itself. */
  moot: boolean;
}

/** One kind of what may have to be approved: how it is told, and what comes of the answer. */
export interface KindOfApproval {
  label: string;
  asked(approval: Approval, now: number): Promise<Asked>;
  /** Does what was asked for. Inside the write of the decision. */
  approve(acting: Context, approval: Approval): Promise<void>;
  /** Ends what was waiting. Inside the write of the decision, or of what makes it void. */
  refuse(acting: Context, approval: Approval): Promise<void>;
}

/** Every kind there is. */
export const KINDS: Readonly<Record<ApprovalKind, KindOfApproval>> = {
  'api-token': {
    label: 'API token',
    asked: tokenAsked,
    async approve(_acting, { tenantId, subjectId }) {
      const [opened] = await ApiCredential.update(
        { waitingSince: null },
        { where: { tenantId, id: subjectId, revokedAt: null } },
      );
      if (opened !== 1) throw new Conflict('This token has been revoked meanwhile.');
    },
    async refuse(acting, { tenantId, subjectId }) {
      const row = await ApiCredential.findOne({ where: { tenantId, id: subjectId, revokedAt: null } });
      if (row) await revoke(acting, row, acting.actor?.kind === 'user' ? 'refused' : 'void');
    },
  },
};

async function tokenAsked({ tenantId, userId, subjectId }: Approval, now: number): Promise<Asked> {
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
      { label: 'Scopes', value: scopeList === null ? 'All of the role' : scopeList.join(', ') || 'None' },
      { label: 'Allowed IP addresses', value: allowedIps === '' ? 'All' : allowedIps.split('\n').join(', ') },
    ],
    expires: expiresAt,
    moot: token.revokedAt !== null || (expiresAt !== null && expiresAt <= now) || !held || owner?.status !== 'active',
  };
}
