import { ApiCredential } from '#models/api-credential.js';
import { Transaction } from 'sequelize';
import { UserRole } from '#models/user-role.js';
import type { User } from '#models/user.js';
import type { SignedInContext, TenantContext } from '#server/context.js';
import { Conflict, Invalid, NotFound } from '#server/errors.js';
import { firstCharacters, newApiSecret } from '#server/lib/api-secret.js';
import { HOUR } from '#server/lib/clock.js';
import { actingNow } from '#server/identity/acting.js';
import { formerSecrets, publicIdOf, putSecret, retireSecrets } from '#server/identity/credential.js';
import type { Shown } from './tokens.js';
import { traceAddition } from './traces.js';

/** How many former secrets may still work beside the new one. */
const MOST_FORMER = 3;

/** For how many hours an old secret may go on working. */
export type Overlap = 0 | 1 | 24;

/** Gives one of the caller's own tokens a new secret; see `renewSecret`. */
export async function rotateToken(
  context: SignedInContext,
  tokenId: string,
  overlapHours: Overlap,
  replaces?: string,
): Promise<Shown> {
  return actingNow(context, 'tokens:create', (acting) =>
    renewSecret(acting, acting.user, tokenId, overlapHours, replaces),
  );
}

/**
 * Gives a token that is still good a new secret with the same settings. The old one works for `overlapHours` more, and one
 * that was to die before that does; with 0 all are dead at once. `replaces` are the first characters that the page showed:
 * a secret that somebody else has made and handed on since is not ended unawares. Inside a write; the caller has asked who
 * may, oneself or an admin for a service account.
 */
export async function renewSecret(
  acting: TenantContext,
  owner: Pick<User, 'id' | 'tenantId'>,
  tokenId: string,
  overlapHours: Overlap,
  replaces?: string,
): Promise<Shown> {
  const { now } = acting;
  const secret = newApiSecret('token');
  const where = { tenantId: owner.tenantId, userId: owner.id };
  // The row too: of a rotation and a revocation at once, the revocation must win.
  const lock = Transaction.LOCK.UPDATE;
  const row = await ApiCredential.findOne({ where: { ...where, id: tokenId, kind: 'token' }, lock });
  if (!row) throw new NotFound();
  if (row.revokedAt !== null || (row.expiresAt !== null && now >= row.expiresAt)) {
    throw new Conflict('Only a token that still works can be rotated. Make a new one.');
  }
  if (!(await UserRole.findOne({ where: { ...where, roleId: row.roleId ?? '' } }))) {
    const who = owner.id === acting.actor.id ? 'You no longer have' : 'The account no longer has';
    throw new Conflict(`${who} the role of this token, so it can do nothing. Make a new one.`);
  }
  if (replaces !== undefined && replaces !== firstCharacters('token', (await publicIdOf(row)) ?? ''))
    throw Invalid.field(
      'overlapHours',
      'It has been given a new secret since you opened the page. Rotate it again only if that one is to die as well.',
    );
  if (overlapHours > 0 && (await formerSecrets(row, now)).length >= MOST_FORMER) {
    throw Invalid.field(
      'overlapHours',
      'Three former secrets of this token still work. Choose “At once”, or wait until one of them is dead.',
    );
  }
  await retireSecrets(row, now + overlapHours * HOUR, now);
  await putSecret(row, secret, now);
  await traceAddition(acting, 'api-token.rotated', row, { overlapHours });
  return { credential: row, secret: secret.text };
}
