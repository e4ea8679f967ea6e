import { mayActOnAnother } from '#policies/user.js';
import type { TenantContext } from '#server/context.js';
import { makePass } from '#server/identity/make-pass.js';
import { actOnUser } from '#server/identity/user.js';
import { demandReason, nameOf, openCodeLock } from './code-lock.js';

/** Makes a temporary access pass for somebody else, who is told at once; gives it, to be shown once. */
export async function makeAccessPass(
  context: TenantContext,
  userId: string,
  { reason, minutes }: { reason: string; minutes: number },
): Promise<string> {
  const why = demandReason(reason);
  const pass = await actOnUser(
    context,
    userId,
    { permission: 'users:two-factor', rule: mayActOnAnother },
    (user, acting) => makePass(acting, user, { minutes, reason: why, by: nameOf(acting) }),
  );
  // Wrong codes of whoever has found the phone must not keep its owner out.
  await openCodeLock(context, userId);
  return pass;
}
