import { ApiCredential } from '#models/api-credential.js';
import { Transaction } from 'sequelize';
import { UserRole } from '#models/user-role.js';
import type { SignedInContext } from '#server/context.js';
import { Conflict, Invalid, NotFound } from '#server/errors.js';
import { newApiSecret } from '#server/lib/api-secret.js';
import { HOUR } from '#server/lib/clock.js';
import { actingNow } from '#server/identity/acting.js';
import { formerSecrets, putSecret, retireSecrets } from '#server/identity/credential.js';
import type { Shown } from './tokens.js';
import { traceAddition } from './traces.js';

/** How many former secrets may still work beside the new one. */
const MOST_FORMER = 3;

/**
 * Gives one of the caller's own tokens that is still good a new secret with the same settings. The old one works for
 * `overlapHours` more, and one that was to die before that does; with 0 all are dead at once.
 */
export async function rotateToken(context: SignedInContext, tokenId: string, overlapHours: 0 | 1 | 24): Promise<Shown> {
  const secret = newApiSecret('token');
  const token = await actingNow(context, 'tokens:create', async (acting) => {
    const { tenant, user, now } = acting;
    // The row too: of a rotation and a revocation at once, the revocation must win.
    const lock = Transaction.LOCK.UPDATE;
    const row = await ApiCredential.findOne({
      where: { tenantId: tenant.id, userId: user.id, id: tokenId, kind: 'token' },
      lock,
    });
    if (!row) throw new NotFound();
    if (row.revokedAt !== null || (row.expiresAt !== null && now >= row.expiresAt)) {
      throw new Conflict('Only a token that still works can be rotated. Make a new one.');
    }
    if (!(await UserRole.findOne({ where: { tenantId: tenant.id, userId: user.id, roleId: row.roleId ?? '' } }))) {
      throw new Conflict('You no longer have the role of this token, so it can do nothing. Make a new one.');
    }
    if (overlapHours > 0 && (await formerSecrets(row, now)).length >= MOST_FORMER) {
      throw Invalid.field(
        'overlapHours',
        'Three former secrets of this token still work. Choose “At once”, or wait until one of them is dead.',
      );
    }
    await retireSecrets(row, now + overlapHours * HOUR, now);
    await putSecret(row, secret, now);
    await traceAddition(acting, 'api-token.rotated', row, { overlapHours });
    return row;
  });
  return { credential: token, secret: secret.text };
}
