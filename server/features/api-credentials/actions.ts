import { ApiCredential } from '#models/api-credential.js';
import { inTransaction } from '#models/index.js';
import type { Context, SignedInContext, UserContext } from '#server/context.js';
import { NotFound } from '#server/errors.js';
import { newApiSecret } from '#server/lib/api-secret.js';
import { record } from '#server/trace/record.js';
import { lockOwner } from './owner.js';
import { putSecret } from './secrets.js';
import { traceAddition } from './traces.js';

/** Makes the API key or the API password of the caller; an old one is dead at once. Gives the secret, which is never seen again. */
export async function generateCredential(context: SignedInContext, kind: 'key' | 'password'): Promise<string> {
  const secret = newApiSecret(kind);
  const { user, tenant, now } = context;
  await inTransaction(async () => {
    await lockOwner(context);
    const owner = { tenantId: tenant.id, userId: user.id, kind };
    await ApiCredential.update({ revokedAt: now }, { where: { ...owner, revokedAt: null } });
    const row = await ApiCredential.create({
      ...owner,
      name: kind === 'key' ? 'API key' : 'API password',
      createdAt: now,
    });
    await putSecret(row, secret, now);
    await traceAddition(context, kind === 'key' ? 'api-key.generated' : 'api-password.generated', row);
  });
  return secret.text;
}

/** Revokes one of the caller's own credentials, at once. With `kind` only one of that kind is found. */
export async function revokeOwn(
  context: UserContext,
  credentialId: string,
  kind?: ApiCredential['kind'],
): Promise<void> {
  const { tenant, user } = context;
  await inTransaction(async () => {
    const where = { tenantId: tenant.id, userId: user.id, id: credentialId, ...(kind === undefined ? {} : { kind }) };
    const row = await ApiCredential.findOne({ where });
    if (!row) throw new NotFound();
    await revoke(context, row);
  });
}

/** Revokes all credentials of a user; gives how many there were. Inside a transaction. */
export async function revokeAll(context: Context, user: { id: string; tenantId: string }): Promise<number> {
  const where = { tenantId: user.tenantId, userId: user.id, revokedAt: null };
  const [count] = await ApiCredential.update({ revokedAt: context.now }, { where });
  if (count > 0)
    await record(context, {
      event: 'api-credentials.revoked',
      tenantId: user.tenantId,
      target: { type: 'user', id: user.id },
      details: { count },
    });
  return count;
}

/** Revokes a credential that the caller may revoke. A second time is not found. Inside a transaction. */
export async function revoke(context: Context, row: ApiCredential): Promise<void> {
  const { id, tenantId, userId, name, kind } = row;
  const [revoked] = await ApiCredential.update(
    { revokedAt: context.now },
    { where: { tenantId, id, revokedAt: null } },
  );
  if (revoked !== 1) throw new NotFound();
  await record(context, {
    event: 'api-credential.revoked',
    tenantId,
    target: { type: 'user', id: userId },
    details: { credential: id, name, kind },
  });
}
