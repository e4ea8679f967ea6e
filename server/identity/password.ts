import { User } from '#models/user.js';
import { describePasswordRules, historyFailure, passwordFailures, type PasswordRules } from '#policies/password.js';
import type { Services, TenantInContext, Context } from '#server/context.js';
import { endAccess } from './walk-access.js';
import { ChangedMeanwhile, Invalid, TooMany, type FieldError } from '#server/errors.js';
import { HOUR, SECOND } from '#server/lib/clock.js';
import { isCommonPassword, passwordScore } from '#server/lib/password-strength.js';
import { Op } from 'sequelize';
import { PasswordHistory } from '#models/password-history.js';
import { SecurityPolicy } from '#models/security-policy.js';
import { countThrottle } from '#models/throttle.js';

const CHANGES_AN_HOUR = 20;

/** What is looked at of the one whose password it is to be; before the first start, of the one there will be. */
export type PasswordOwnerOf = Pick<User, 'username' | 'email' | 'name'> &
  Partial<Pick<User, 'id' | 'tenantId' | 'passwordHash'>>;

/** A new password as its owner typed it, twice. */
export interface TypedTwice {
  newPassword: string;
  confirmPassword: string;
}

/**
 * `checkPassword` for one that was typed twice: all that is wrong with it is told at once, with what was found `before`; but whether
 * it is a former one, or the present, only once there is nothing else: who asks has then as good as set it.
 */
export async function checkTypedTwice(
  services: Services,
  policy: PasswordRules,
  tenant: Pick<TenantInContext, 'name' | 'slug'>,
  owner: PasswordOwnerOf,
  typed: TypedTwice,
  before: readonly FieldError[] = [],
): Promise<void> {
  const { newPassword, confirmPassword } = typed;
  // As they are hashed: one keyboard composes what another does not.
  const alike = newPassword.normalize('NFKC') === confirmPassword.normalize('NFKC');
  // Whoever has not proven the present password, or sets none by this, is told nothing of former ones: they could guess at leisure.
  const { username, email, name } = owner;
  const looked = before.length === 0 && alike ? owner : { username, email, name };
  const errors = [...before, ...(await errorsOf(() => checkPassword(services, policy, tenant, looked, newPassword)))];
  if (!alike)
    errors.push({ field: 'confirmPassword', message: 'The two passwords differ. Type the new password again.' });
  if (errors.length > 0) throw new Invalid(errors);
}

/**
 * Counts a new password that somebody would set, before it is looked at: to look through a long history takes as many hashings as
 * there are in it. `whose` is their id, or that of the link which lets them. Throws `TooMany` past twenty an hour.
 */
export async function countNewPassword({ services, now }: Context, whose: string): Promise<void> {
  const { points, windowEndsAt } = await countThrottle(services.database, `password-changes/${whose}`, HOUR, now);
  if (points > CHANGES_AN_HOUR)
    throw new TooMany('You have tried many new passwords. Wait a little and try again.', (windowEndsAt - now) / SECOND);
}

/** What is wrong with what was typed, by a check that throws `Invalid`; anything else that it throws goes on. */
export async function errorsOf(check: () => Promise<unknown>): Promise<readonly FieldError[]> {
  try {
    await check();
    return [];
  } catch (error) {
    if (error instanceof Invalid) return error.errors;
    throw error;
  }
}

/**
 * The one place that says whether a password may be set, whoever sets it. Throws `Invalid` with the reasons, each
 * against the field that it was typed in.
 */
export async function checkPassword(
  services: Services,
  policy: PasswordRules,
  tenant: Pick<TenantInContext, 'name' | 'slug'>,
  owner: PasswordOwnerOf,
  candidate: string,
  field = 'newPassword',
): Promise<void> {
  const failures = passwordFailures(
    candidate,
    policy,
    { names: namesOf(owner, tenant) },
    { common: isCommonPassword, score: passwordScore },
  );
  if (failures.length === 0 && (await wasUsedBefore(services, policy, owner, candidate)))
    failures.push(historyFailure(policy));
  if (failures.length > 0) throw new Invalid(failures.map((message) => ({ field, message })));
}

/** The rules as the page lists them beside the field. */
export function passwordRules(
  policy: PasswordRules,
  tenant: Pick<TenantInContext, 'name' | 'slug'>,
  owner: PasswordOwnerOf,
) {
  return describePasswordRules(policy).map((line) => ({
    ...line,
    ...(line.rule === 'forbidNames' ? { names: namesOf(owner, tenant) } : {}),
  }));
}

/** Names that a guesser would try: the user's, the tenant's and the product's. */
function namesOf(owner: PasswordOwnerOf, tenant: Pick<TenantInContext, 'name' | 'slug'>): string[] {
  const local = owner.email.split('@')[0] ?? '';
  return [
    owner.username,
    owner.email,
    local,
    owner.name,
    ...owner.name.split(/\s+/),
    tenant.name,
    tenant.slug,
    'gatehouse',
  ].filter((name) => name !== '');
}

async function wasUsedBefore(
  services: Services,
  policy: PasswordRules,
  owner: PasswordOwnerOf,
  candidate: string,
): Promise<boolean> {
  if (policy.history === 0 || !owner.id || !owner.tenantId) return false;
  const former = await PasswordHistory.latest(owner.tenantId, owner.id, policy.history - 1);
  const hashes = [owner.passwordHash ?? null, ...former.map(({ passwordHash }) => passwordHash)];
  const asker = { known: true, path: [owner.id] };
  for (const hash of hashes)
    if (hash !== null && (await services.passwords.slot((work) => work.verify(hash, candidate), asker))) return true;
  return false;
}

/**
 * Puts a checked password's hash in place, for every way there is to set one: keeps the old one as history, moves the
 * epoch on (which voids links), and ends the sessions (all but `except`). Gives the new epoch. Inside a transaction.
 * Throws `Conflict` when the user was changed meanwhile.
 */
export async function replacePassword(
  context: Context,
  user: User,
  policy: SecurityPolicy,
  hash: string,
  except?: string,
): Promise<number> {
  const { tenantId, id: userId, epoch } = user;
  const [changed] = await User.update(
    {
      passwordHash: hash,
      passwordChangedAt: context.now,
      mustChangePassword: false,
      resetHeld: false,
      lockedUntil: null,
      epoch: epoch + 1,
    },
    { where: { tenantId, id: userId, epoch } },
  );
  if (changed !== 1) throw new ChangedMeanwhile();
  if (user.passwordHash !== null) await keepHistory(user, user.passwordHash, policy.history, context.now);
  await endAccess(context, { tenantId, userId }, 'password change', except === undefined ? {} : { except });
  return epoch + 1;
}

async function keepHistory(
  { tenantId, id: userId }: User,
  passwordHash: string,
  length: number,
  now: number,
): Promise<void> {
  if (length > 0) await PasswordHistory.create({ tenantId, userId, passwordHash, createdAt: now });
  const kept = await PasswordHistory.latest(tenantId, userId, Math.max(length, 0));
  await PasswordHistory.destroy({ where: { tenantId, userId, id: { [Op.notIn]: kept.map(({ id }) => id) } } });
}
