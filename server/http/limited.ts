import { passwordHasExpired } from '#policies/password.js';
import type { Context } from '#server/context.js';

/** Where a person in limited mode must go before anything else; null for everybody else. */
export function limitOf(context: Context): string | null {
  const { user, policy } = context;
  if (!user || !policy) return null;
  if (user.mustChangePassword || passwordHasExpired(user.passwordChangedAt, policy, context.now))
    return '/login/password';
  if (context.secondFactor?.dueAt != null && context.now >= context.secondFactor.dueAt)
    return '/login/two-factor/setup';
  return null;
}
