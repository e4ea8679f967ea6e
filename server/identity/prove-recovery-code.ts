import { inTransaction } from '#models/transaction.js';
import { RecoveryCode } from '#models/recovery-code.js';
import type { User } from '#models/user.js';
import type { Context } from '#server/context.js';
import { FEW_LEFT, hashOf } from './recovery-codes.js';
import { canonicalRecoveryCode } from '#server/lib/recovery-code.js';
import { queueMail } from '#server/mail/outbox.js';
import { record } from '#server/trace/record.js';
import { recordRepeated } from '#server/trace/repeated.js';
import { issueDisavowal } from './disavowal-link.js';
import { underCodeLock, type CodeOwner, type WrongProof } from './code.js';

const WRONG: WrongProof = {
  field: 'recoveryCode',
  message: 'This recovery code is not right, or was used before. Check it, or use another.',
  event: 'two-factor.failed',
};

/** Proves a recovery code and burns it. Throws `Invalid` against the field `recoveryCode`, or `TooMany`. */
export async function proveRecoveryCode(context: Context, owner: CodeOwner, typed: string): Promise<void> {
  await underCodeLock(context, owner, () => burn(context, owner, typed), WRONG);
}

async function burn(context: Context, { user, tenant }: CodeOwner, typed: string): Promise<boolean> {
  const found = await findRecoveryCode(context, user, typed);
  return found !== null && inTransaction(() => burnRecoveryCode(context, { user, tenant }, found));
}

/** Burns a code, and tells log and owner; false where another was first. Inside a transaction. */
export async function burnRecoveryCode(
  context: Context,
  { user, tenant }: CodeOwner,
  found: RecoveryCode,
): Promise<boolean> {
  const target = { type: 'user', id: user.id } as const;
  if (!(await found.burn(context.now))) {
    await recordRepeated(context, { event: 'recovery-code.reused', tenantId: tenant.id, actorId: null, target });
    return false;
  }
  const left = await RecoveryCode.left(tenant.id, user.id);
  await record(context, {
    event: 'recovery-code.used',
    tenantId: tenant.id,
    actorId: user.id,
    target,
    details: { left },
  });
  const variables = { ...(await issueDisavowal(context, user, 'recovery-code.used')), left: String(left) };
  await queueMail(context, { event: 'recovery-code-used', to: user, tenant, variables });
  if (left <= FEW_LEFT)
    await queueMail(context, { event: 'recovery-codes-few', to: user, tenant, variables: { left: String(left) } });
  return true;
}

/** The code of this user that was typed, used ones too; null where there is none. */
export async function findRecoveryCode(
  context: Context,
  user: Pick<User, 'id' | 'tenantId'>,
  typed: string,
): Promise<RecoveryCode | null> {
  const code = canonicalRecoveryCode(typed);
  if (code === null) return null;
  const keyIds = await RecoveryCode.findAll({
    where: { tenantId: user.tenantId, userId: user.id },
    attributes: ['keyId'],
    group: ['keyId'],
  });
  const hashes = keyIds
    .filter(({ keyId }) => context.services.keys.has(keyId))
    .map(({ keyId }) => hashOf(context, user.id, code, keyId));
  return RecoveryCode.findOne({ where: { tenantId: user.tenantId, userId: user.id, codeHash: hashes } });
}
