import { RecoveryCode } from '#models/recovery-code.js';
import type { User } from '#models/user.js';
import type { Context } from '#server/context.js';
import { canonicalRecoveryCode, newRecoveryCodes } from '#server/lib/recovery-code.js';

/** At this many or fewer the user is warned. */
export const FEW_LEFT = 3;

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

export function hashOf(context: Context, userId: string, code: string, keyId: string): string {
  return context.services.keys.mac('recovery-code', `${userId} ${canonicalRecoveryCode(code) ?? ''}`, keyId);
}
