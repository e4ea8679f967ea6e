import { SecurityPolicy } from '#models/security-policy.js';
import { Tenant } from '#models/tenant.js';
import { countThrottle } from '#models/throttle.js';
import { User } from '#models/user.js';
import { canonicalSlug } from '#policies/names.js';
import { HOUR } from '#server/lib/clock.js';
import { record } from '#server/trace/record.js';
import { readUserAsCaller, type Caller } from './credential-read.js';
import type { Context } from '#server/context.js';
import { Invalid } from '#server/errors.js';
import { checkCredentials } from './check-credentials.js';
import { hasSecondFactor } from './factor-kind.js';

/**
 * The sign-in password by HTTP Basic: only where the policy switches it on, for a user who has no second factor, nor has begun
 * to set one up, and of whom none is demanded, and who need do nothing else first. Asked before the password is looked at: elsewhere the right one is
 * refused, counted and logged like any wrong one, or the door would tell which it is and leave no trace.
 */
export async function checkSignInPassword(
  context: Context,
  organization: string,
  username: string,
  password: string,
): Promise<Caller | null> {
  const { database } = context.services;
  try {
    const before = await mayByBasic(context, organization, username);
    const given = { organization, username, password, browser: null, byCall: true, barred: before === null };
    const { user, tenant } = await checkCredentials(context, given);
    // As the account is now: hashing took its time.
    const caller = await readUserAsCaller(database.read, { tenantId: tenant.id, userId: user.id }, context);
    const unchanged = caller !== null && caller.user.epoch === user.epoch;
    if (!unchanged || !(await mayByBasic(context, organization, username))) return null;
    await recordUse(context, caller);
    return caller;
  } catch (error) {
    if (error instanceof Invalid) return null;
    throw error;
  }
}

async function mayByBasic(context: Context, organization: string, username: string): Promise<Caller | null> {
  const tenant = await Tenant.findOne({ where: { slug: canonicalSlug(organization) } });
  const user = tenant ? await User.bySignInName(tenant.id, username) : null;
  if (!tenant || !user || !(await SecurityPolicy.of(tenant.id)).allowPasswordOnApi) return null;
  const whose = { tenantId: tenant.id, userId: user.id };
  const caller = await readUserAsCaller(context.services.database.read, whose, context);
  // Of such an account each use is told to all owners, and no call of a program is.
  if (!caller || caller.breakGlass || caller.secondFactor.demanded || caller.duty !== null) return null;
  return caller.user.twoFactor === 'disabled' && !hasSecondFactor(caller.policy, caller.user) ? caller : null;
}

// A program signs in with each call: of the same address the log is told once an hour.
async function recordUse(context: Context, { user, tenant }: Caller): Promise<void> {
  const { services, now, ip } = context;
  const { points } = await countThrottle(services.database, `basic/${user.id}/${ip ?? 'unknown'}`, HOUR, now);
  if (points > 1) return;
  const target = { type: 'user', id: user.id } as const;
  await record(context, { event: 'sign-in.succeeded', tenantId: tenant.id, actorId: user.id, target });
}
