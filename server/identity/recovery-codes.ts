import { inTransaction } from '#models/index.js';
import { RecoveryCode } from '#models/recovery-code.js';
import type { User } from '#models/user.js';
import type { Context } from '#server/context.js';
import { canonicalRecoveryCode, newRecoveryCodes } from '#server/lib/recovery-code.js';
import { queueMail } from '#server/mail/outbox.js';
import { record } from '#server/trace/record.js';
import { issueDisavowal } from './disavowal-link.js';
import { underCodeLock, type CodeOwner } from './code.js';

/** At this many or fewer the user is warned. */
export const FEW_LEFT = 3;

const WRONG = 'This recovery code is not right, or was used before. Check it, or use another.';

/** Makes ten codes and voids what was left of the old ones. Only their keyed hashes are kept. Inside a transaction. */
export async function replaceRecoveryCodes(context: Context, user: User): Promise<string[]> {
  const { keys } = context.services;
  const { tenantId, id: userId } = user;
  await RecoveryCode.replaceAll(tenantId, userId, context.now);
  const codes = newRecoveryCodes();
  await RecoveryCode.bulkCreate(
    codes.map((code) => ({
      tenantId,
      userId,
      codeHash: hashOf(context, userId, code, keys.currentId),
      keyId: keys.currentId,
      createdAt: context.now,
    })),
  );
  return codes;
}

/** Proves a recovery code and burns it. Throws `Invalid` against the field `recoveryCode`, or `TooMany`. */
export async function proveRecoveryCode(context: Context, owner: CodeOwner, typed: string): Promise<void> {
  await underCodeLock(
    context,
    owner,
    async () => owner.user.twoFactor === 'active' && burn(context, owner, typed),
    'recoveryCode',
    WRONG,
  );
}

async function burn(context: Context, { user, tenant }: CodeOwner, typed: string): Promise<boolean> {
  const found = await find(context, user, typed);
  if (!found) return false;
  const target = { type: 'user', id: user.id } as const;
  return inTransaction(async () => {
    if (!(await found.burn(context.now))) {
      await record(context, { event: 'recovery-code.reused', tenantId: tenant.id, actorId: null, target });
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
  });
}

async function find(context: Context, user: User, typed: string): Promise<RecoveryCode | null> {
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

function hashOf(context: Context, userId: string, code: string, keyId: string): string {
  return context.services.keys.mac('recovery-code', `${userId} ${canonicalRecoveryCode(code) ?? ''}`, keyId);
}
