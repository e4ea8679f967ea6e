import { PLATFORM_SLUG, Tenant } from '#models/tenant.js';
import type { User } from '#models/user.js';
import type { Context } from '#server/context.js';
import { recordRepeated } from '#server/trace/repeated.js';

/**
 * Tells the log of a proof that was given for a name to which it is no way in. As for the password: what no organisation owns
 * is told to the operators. `counter` is what it was counted under.
 */
export async function recordNobodys(
  context: Context,
  event: 'access-pass.failed' | 'sign-in.failed',
  { tenant, user }: { tenant: Tenant | null; user: User | null },
  counter: string,
): Promise<void> {
  const home = tenant ?? (await Tenant.findOne({ where: { slug: PLATFORM_SLUG } }));
  if (!home) return;
  const target = user ? { target: { type: 'user' as const, id: user.id } } : {};
  const details = { reason: event === 'sign-in.failed' ? 'recovery code without a password' : 'no open pass' };
  await recordRepeated(context, { event, tenantId: home.id, actorId: null, ...target, details }, counter);
}
