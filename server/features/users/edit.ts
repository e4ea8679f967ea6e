import type { Role } from '#models/role.js';
import type { User } from '#models/user.js';
import { UserRole } from '#models/user-role.js';
import { mayMarkBreakGlass } from '#policies/break-glass.js';
import { canonicalEmail, canonicalUsername, tidyEmail } from '#policies/names.js';
import { standingOf } from '#policies/role.js';
import { reachedAt } from '#policies/second-factor.js';
import { normalised } from '#policies/text.js';
import { mayActOn } from '#policies/user.js';
import type { TenantContext } from '#server/context.js';
import { Forbidden, Invalid } from '#server/errors.js';
import { sendInvitation } from '#server/identity/invitation-link.js';
import { refuseMalformed, refuseTaken, takenMeanwhile } from '#server/identity/add-user.js';
import { refuseUnfit, tellOfMark } from '#server/identity/break-glass.js';
import { reserveName } from '#server/identity/former-name.js';
import { refuseLoss, type Seen } from '#server/identity/changed-since.js';
import { rolesToGive } from './grant.js';
import { endAccess, ownerOf } from '#server/identity/walk-access.js';
import { keepAnOwner } from '#server/identity/last-owner.js';
import { actOnUser, changedIn, changeRow, type Deed, type UserWithRoles } from '#server/identity/user.js';
import { traceChanges, type Standing } from './traces.js';

/** What is left out stays as it is. */
export interface UserChanges {
  username?: string;
  name?: string;
  email?: string;
  /** Empty for one's own account, where they cannot be changed. */
  roleIds?: readonly string[];
  /** Those that these were changed from, where that was shown: what others took meanwhile does not come back. */
  rolesShown?: readonly string[];
  seen?: Seen | undefined;
  /** `active` is whatever the account is while nobody has disabled it. */
  status?: 'active' | 'disabled' | undefined;
  mustSetUpTwoFactor?: boolean;
  /** An owner's alone to say, of somebody else. */
  breakGlass?: boolean | undefined;
  /** True marks the password outdated. Only its owner can undo that, by choosing another. */
  mustChangePassword?: boolean;
}

/** What the change led to, for the words of the answer. */
export interface Changed {
  sessionsEnded: boolean;
  invitedAgain: boolean;
}

/**
 * Changes an account. A new address, other roles and being disabled end its sessions and void its links at once. Throws
 * `Invalid` for what is taken or malformed and for the last owner, `Forbidden` for whoever is out of the actor's reach.
 */
export async function changeUser(context: TenantContext, userId: string, given: UserChanges): Promise<Changed> {
  return actOnUser(context, userId, CHANGING, (user, acting) => applyChanges(acting, user, given));
}

/** What changing an account demands. */
export const CHANGING: Deed = { permission: 'users:write', rule: mayActOn, organisation: true };

/** The same inside a write that has reached the user. */
export async function applyChanges(acting: TenantContext, user: UserWithRoles, given: UserChanges): Promise<Changed> {
  const before = standing(user, user.roles);
  const own = user.id === acting.actor.id;
  const { username = user.username, name = user.name, email = user.email, roleIds, status } = given;
  refuseMalformed({ kind: user.kind, username, email }, user.username);
  refuseLoss(given.seen, user, { username, name, email });
  const kept = roleIds === undefined || (own && roleIds.length === 0);
  const roles = kept ? user.roles : await rolesToGive(acting, roleIds, user.roles, given.rolesShown);
  // Later than the row was read, so not of it: what follows looks at `before` for how things were.
  // Spelt otherwise it is no other address, as on one's own profile: nobody is signed out for it, and none takes its place.
  const moved = canonicalEmail(email) !== canonicalEmail(user.email);
  user.set({ username: normalised(username, 'NFKC').trim(), name, email: moved ? tidyEmail(email) : user.email });
  user.set({
    status: statusAfter(user, status),
    mustSetUpTwoFactor: user.kind === 'person' && (given.mustSetUpTwoFactor ?? user.mustSetUpTwoFactor),
    mustChangePassword: user.mustChangePassword || (given.mustChangePassword === true && user.passwordHash !== null),
    breakGlass: given.breakGlass ?? user.breakGlass,
  });
  const after = standing(user, roles);
  if (own) refuseOnOneself(before, after);
  if (before.breakGlass !== after.breakGlass) await refuseMark(acting, user, before.roles);
  await refuseTaken(acting, user);
  const changed = await apply(acting, user, before, after);
  await keepOwners(acting, before, after);
  return changed;
}

async function apply(context: TenantContext, user: UserWithRoles, before: Standing, after: Standing): Promise<Changed> {
  const { now, tenant } = context;
  const moved = before.email !== after.email;
  const waiting = before.status === 'invited';
  const disabled = before.status !== 'disabled' && after.status === 'disabled';
  const epochMoves = moved || disabled || (!waiting && rolesDiffer(before, after));
  try {
    const { status, mustSetUpTwoFactor, mustChangePassword, breakGlass } = after;
    const values = {
      ...{ ...keysOf(user), status, mustSetUpTwoFactor, mustChangePassword, breakGlass },
      twoFactorSince: reachedAt(user.twoFactorSince, before, after, now),
    };
    await changeRow(user, { ...changedIn(user, values), epoch: user.epoch + (epochMoves ? 1 : 0) });
  } catch (error) {
    throw takenMeanwhile(error);
  }
  if (rolesDiffer(before, after))
    await UserRole.replace(
      tenant.id,
      user.id,
      after.roles.map(({ id }) => id),
      { at: now, by: context.actor.id },
    );
  if (epochMoves) await endAccess(context, ownerOf(user), disabled ? 'disabling' : 'sessions end');
  const formerKey = canonicalUsername(before.username);
  if (formerKey !== user.usernameKey) await reserveName(context, tenant.id, formerKey, user.id);
  await traceChanges(context, user, before, after);
  if (before.breakGlass !== after.breakGlass) await tellOfMark(context, user, after.breakGlass);
  // The old link died with the old address, which may never have been theirs.
  const invitedAgain = moved && after.status === 'invited';
  if (invitedAgain) await sendInvitation(context, user);
  return { sessionsEnded: epochMoves && !waiting, invitedAgain };
}

function standing(user: User, roles: readonly Role[]): Standing {
  const { username, name, email, status, mustSetUpTwoFactor, mustChangePassword, breakGlass } = user;
  return { username, name, email, status, mustSetUpTwoFactor, mustChangePassword, breakGlass, roles };
}

function keysOf({ username, usernameKey, name, nameKey, email, emailKey, searchKey }: User) {
  return { username, usernameKey, name, nameKey, email, emailKey, searchKey };
}

function rolesDiffer(before: Standing, after: Standing): boolean {
  const ids = ({ roles }: Standing): string =>
    roles
      .map(({ id }) => id)
      .sort()
      .join();
  return ids(before) !== ids(after);
}

// Enabled again, an account goes back to where it was: whoever never set a password is still invited.
function statusAfter(user: User, wanted: UserChanges['status']): User['status'] {
  if (wanted === undefined) return user.status;
  if (wanted === 'disabled') return 'disabled';
  return user.kind === 'person' && user.passwordChangedAt === null ? 'invited' : 'active';
}

// Of oneself an administrator changes here only how one is called. What binds, nobody lifts from themselves; each of the
// rest has its reason.
const ON_ONESELF: Readonly<Record<Exclude<keyof Standing, 'username' | 'name' | 'email'>, string>> = {
  roles: 'You cannot change your own roles. Ask another administrator.',
  status: 'You cannot disable your own account. Ask another administrator.',
  mustChangePassword: 'You cannot mark your own password outdated. Change it on the Security page.',
  breakGlass: 'You cannot mark your own account break-glass, or take the mark from it. Ask another owner.',
  mustSetUpTwoFactor: 'You cannot lift or set for yourself what you must do. Ask another administrator.',
};

function refuseOnOneself(before: Standing, after: Standing): void {
  for (const [field, message] of Object.entries(ON_ONESELF) as [keyof typeof ON_ONESELF, string][]) {
    const differs = field === 'roles' ? rolesDiffer(before, after) : before[field] !== after[field];
    if (differs) throw new Forbidden(message);
  }
  if (before.email !== after.email) {
    throw Invalid.field(
      'email',
      'Change your own e-mail address on your profile, where the new one is confirmed by mail.',
    );
  }
}

async function refuseMark(acting: TenantContext, user: UserWithRoles, held: readonly Role[]): Promise<void> {
  if (!mayMarkBreakGlass(acting.actor, { id: user.id, tenantId: user.tenantId, ...standingOf(held) }))
    throw new Forbidden('Only an owner may mark an account break-glass, or take the mark from it. Ask one.');
  if (user.breakGlass) await refuseUnfit(user);
}

// A holder of the top role who gets a read-only one beside it is lowered as well.
async function keepOwners(acting: TenantContext, before: Standing, after: Standing): Promise<void> {
  if (!standingOf(before.roles).top) return;
  if (rolesDiffer(before, after)) await keepAnOwner(acting, 'roleIds');
  if (before.status === 'active' && after.status === 'disabled') await keepAnOwner(acting, 'status');
}
