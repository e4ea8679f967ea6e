import { ApiCredential } from '#models/api-credential.js';
import type { Approval } from '#models/approval.js';
import { User } from '#models/user.js';
import type { ApprovalKind } from '#policies/enumerations.js';
import type { Context, TenantContext } from '#server/context.js';
import { Conflict } from '#server/errors.js';
import { revoke } from '#server/identity/credential.js';
import { nameOf } from '#server/identity/name-of.js';
import { take } from '#server/identity/take-factor.js';
import { takingOf } from '#server/identity/taking.js';
import { findUser } from '#server/identity/user.js';

/** What comes of the answer, by the kind of what was asked for. */
export interface KindOfApproval {
  /** Does what was asked for, and gives the pass that was made. Inside the write of the decision. */
  approve(acting: TenantContext, approval: Approval): Promise<string | null>;
  /** Ends what was waiting. Inside the write of the decision, or of what makes it void. */
  refuse(acting: Context, approval: Approval): Promise<void>;
}

// The very action of one administrator alone. It takes nothing, and opens nothing, while it waits.
const TAKING: KindOfApproval = {
  async approve(acting, approval) {
    const { tenantId, userId, requestedBy } = approval;
    const user = await findUser(acting, userId);
    const requester = await User.findOne({ where: { tenantId, id: requestedBy ?? '' }, attributes: ['name'] });
    const by = `${nameOf(acting)}, as ${requester?.name ?? 'an administrator'} has asked`;
    return (await take(acting, user, { ...takingOf(approval), by })).pass;
  },
  refuse: () => Promise.resolve(),
};

/** Every kind there is. */
export const KINDS: Readonly<Record<ApprovalKind, KindOfApproval>> = {
  'api-token': {
    async approve(_acting, { tenantId, subjectId }) {
      const [opened] = await ApiCredential.update(
        { waitingSince: null },
        { where: { tenantId, id: subjectId, revokedAt: null } },
      );
      if (opened !== 1) throw new Conflict('This token has been revoked meanwhile.');
      return null;
    },
    async refuse(acting, { tenantId, subjectId }) {
      const row = await ApiCredential.findOne({ where: { tenantId, id: subjectId, revokedAt: null } });
      if (row) await revoke(acting, row, acting.actor?.kind === 'user' ? 'refused' : 'void');
    },
  },
  'two-factor-reset': TAKING,
  'two-factor-removal': TAKING,
  'passkey-removal': TAKING,
  'access-pass': TAKING,
};
