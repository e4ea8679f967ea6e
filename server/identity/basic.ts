import { SecurityPolicy } from '#models/security-policy.js';
import { readUserAsCaller, type Caller } from './credential-read.js';
import type { Context } from '#server/context.js';
import { Invalid } from '#server/errors.js';
import { checkCredentials } from './check-credentials.js';

/**
 * The sign-in password by HTTP Basic: only where the policy switches it on, and only for a user whose two-factor
 * state is disabled and not demanded. A refusal is a failed sign-in like any other, and costs as much.
 */
export async function checkSignInPassword(
  context: Context,
  organization: string,
  username: string,
  password: string,
): Promise<Caller | null> {
  try {
    const { user, tenant } = await checkCredentials(context, { organization, username, password, browser: null });
    const { allowPasswordOnApi } = await SecurityPolicy.of(tenant.id);
    const caller = allowPasswordOnApi
      ? await readUserAsCaller(context.services.database.read, { tenantId: tenant.id, userId: user.id }, context)
      : null;
    // As the account is now: hashing took its time.
    const unchanged = caller !== null && caller.user.epoch === user.epoch;
    return unchanged && caller.user.twoFactor === 'disabled' && !caller.secondFactor.demanded ? caller : null;
  } catch (error) {
    if (error instanceof Invalid) return null;
    throw error;
  }
}
