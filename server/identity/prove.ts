import { inTransaction } from '#models/transaction.js';
import { SecurityPolicy } from '#models/security-policy.js';
import { clearThrottles } from '#models/throttle.js';
import { User } from '#models/user.js';
import type { SignedInContext, UserContext } from '#server/context.js';
import { Conflict, Invalid } from '#server/errors.js';
import { queueMail } from '#server/mail/outbox.js';
import { spanText } from '#server/mail/words.js';
import { record } from '#server/trace/record.js';
import { recordRepeated } from '#server/trace/repeated.js';
import { issueDisavowal } from './disavowal-link.js';
import { proveCode } from './code.js';
import { countWrongPassword, refuseWhileLocked } from './lockout.js';
import { signedInCodeKey, signedInKey } from './counters.js';

const IDLE = 'Your organisation lets passwords open nothing, so yours confirms nothing. Use a passkey.';

/** Whether the password says anything of who is signed in: where it only opens the set-up of passkeys, there alone. */
export function provesByPassword({ secondFactor, duty }: Pick<UserContext, 'secondFactor' | 'duty'>): boolean {
  return secondFactor.password === 'all' || (secondFactor.password === 'set-up' && duty !== null);
}

/**
 * The signed-in user, once the typed password has been proven to be theirs. Throws `Invalid` against `field`, or
 * `TooMany`: whoever finds a browser open must not guess the password at leisure.
 */
export async function proveOwnPassword(context: SignedInContext, typed: string, field: string): Promise<User> {
  const { services, tenant } = context;
  const user = await lookUpOwn(context);
  if (!provesByPassword(context)) throw Invalid.field(field, IDLE);
  const { lockoutThreshold } = await SecurityPolicy.of(tenant.id);
  const key = signedInKey(user.id);
  const wrong = await services.passwords.slot(
    async (work) => {
      await refuseWhileLocked(context, key);
      if (await work.verify(user.passwordHash, typed)) return null;
      return { blockedUntil: await countWrongPassword(context, key, lockoutThreshold) };
    },
    { known: true, path: [key] },
  );
  if (wrong) {
    await tellOfWrongPassword(context, user, wrong.blockedUntil);
    throw Invalid.field(field, 'This is not your current password. Check it and type it again.');
  }
  await clearThrottles(services.database, key);
  return user;
}

// Somebody at a browser that is open guesses at the password: its owner is told, and can put them out.
async function tellOfWrongPassword(context: SignedInContext, user: User, blockedUntil: number | null): Promise<void> {
  const target = { type: 'user', id: user.id } as const;
  await inTransaction(async () => {
    await recordRepeated(context, { event: 'step-up.failed', tenantId: context.tenant.id, target });
    if (blockedUntil === null) return;
    const lockedFor = spanText(blockedUntil - context.services.clock.now(), user.locale);
    await record(context, { event: 'step-up.locked', target, details: { lockedFor } });
    const variables = { ...(await issueDisavowal(context, user, 'step-up.locked')), lockedFor };
    await queueMail(context, { event: 'step-up-locked', to: user, tenant: context.tenant, variables });
  });
}

/** Proves the second factor of the signed-in user, where it is active. Throws `Invalid` against the field `code`, or `TooMany`. */
export async function proveOwnCode(context: SignedInContext, code: string): Promise<void> {
  const user = await lookUpOwn(context);
  if (user.twoFactor !== 'active') return;
  if (code === '') throw Invalid.field('code', 'Enter the six digits that your app shows.');
  await proveCode(context, { user, tenant: context.tenant, counter: signedInCodeKey(user.id) }, code, 'active');
}

/** The row of who is signed in; the account can have been deleted since this request began. */
export async function lookUpOwn({ tenant, user }: SignedInContext): Promise<User> {
  const found = await User.findOne({ where: { tenantId: tenant.id, id: user.id } });
  if (!found) throw new Conflict('This account has just been deleted.');
  return found;
}
