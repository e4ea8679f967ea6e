import { ApiCredential } from '#models/api-credential.js';
import { User } from '#models/user.js';
import { mostMonths } from '#models/security-policy.js';
import { addMonths } from '#policies/months.js';
import type { SignedInContext, UserContext } from '#server/context.js';
import { Conflict, NotFound } from '#server/errors.js';
import { newApiSecret } from '#server/lib/api-secret.js';
import { actingNow } from '#server/identity/acting.js';
import { endOf, putSecret, revoke } from '#server/identity/credential.js';
import type { Shown } from './tokens.js';
import { traceAddition } from './traces.js';

/**
 * Makes the API key or the API password of the caller, for as long as the policy lets a credential live; an old one is
 * dead at once. What is given is shown once: the secret is never seen again. `replaces` is the id of the one that its
 * owner was asked about, '' where there was none: any other is left alone.
 */
export async function generateCredential(
  context: SignedInContext,
  kind: 'key' | 'password',
  replaces?: string,
): Promise<Shown> {
  const secret = newApiSecret(kind);
  const credential = await actingNow(context, 'tokens:create', async (acting) => {
    const { user, tenant, now } = acting;
    // It would act with all rights of its owner, those of the role that needs the approval among them.
    const roles = (await User.inTenant(tenant.id, user.id))?.roles ?? [];
    if (roles.some(({ tokensNeedApproval }) => tokensNeedApproval))
      throw new Conflict(
        'One of your roles lets no program act for you before an owner has approved it. Make an API token instead: it can be approved.',
      );
    const months = await mostMonths(tenant.id);
    const owner = { tenantId: tenant.id, userId: user.id, kind };
    const current = await ApiCredential.findOne({ where: { ...owner, revokedAt: null }, attributes: ['id'] });
    if (replaces !== undefined && replaces !== (current?.id ?? ''))
      throw new Conflict(
        'What you have has changed since this page was opened. Open it anew, and see what would be replaced.',
      );
    await ApiCredential.update(endOf(acting, 'replaced'), { where: { ...owner, revokedAt: null } });
    const row = await ApiCredential.create({
      ...owner,
      name: kind === 'key' ? 'API key' : 'API password',
      months,
      createdAt: now,
      expiresAt: addMonths(now, months),
    });
    await putSecret(row, secret, now);
    await traceAddition(acting, kind === 'key' ? 'api-key.generated' : 'api-password.generated', row, { months });
    return row;
  });
  return { credential, secret: secret.text };
}

/** Revokes one of the caller's own credentials, at once. With `kind` only one of that kind is found. */
export async function revokeOwn(
  context: UserContext,
  credentialId: string,
  kind?: ApiCredential['kind'],
): Promise<void> {
  await actingNow(context, 'own', async (acting) => {
    const { tenant, user } = acting;
    const where = { tenantId: tenant.id, userId: user.id, id: credentialId, ...(kind === undefined ? {} : { kind }) };
    const row = await ApiCredential.findOne({ where });
    if (!row) throw new NotFound();
    await revoke(acting, row);
  });
}
