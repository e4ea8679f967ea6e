import type { UserKind } from '#policies/enumerations.js';
import { UniqueConstraintError } from 'sequelize';
import { Tenant } from '#models/tenant.js';
import { UserRole } from '#models/user-role.js';
import { User } from '#models/user.js';
import { emailProblem, lookalikeProblem, tidyEmail, usernameProblem } from '#policies/names.js';
import { isSystemName } from '#policies/system-names.js';
import { normalised } from '#policies/text.js';
import type { Context } from '#server/context.js';
import { Invalid, type FieldError } from '#server/errors.js';
import { record } from '#server/trace/record.js';
import { isReserved } from './former-name.js';

export interface NewUser {
  /** Where it was known before: what names the user by then does so already. */
  id?: string | undefined;
  tenantId: string;
  username: string;
  name: string;
  /** Empty for a service account that has none. */
  email: string;
  roleIds: readonly string[];
  kind?: UserKind;
  /** Null for who sets one by invitation, and for service accounts. */
  passwordHash: string | null;
  mustChangePassword?: boolean;
  mustSetUpTwoFactor?: boolean;
}

/** Makes a user, with roles that the caller has checked. `Invalid` when name or address is malformed or taken. Inside a transaction. */
export async function addUser(context: Context, given: NewUser): Promise<User> {
  refuseMalformed(given);
  const { kind = 'person', tenantId, username, name, email, passwordHash } = given;
  const organisation = await Tenant.findByPk(tenantId, { rejectOnEmpty: true });
  const invited = kind === 'person' && passwordHash === null;
  const user = User.build({
    ...(given.id === undefined ? {} : { id: given.id }),
    tenantId,
    kind,
    status: invited ? 'invited' : 'active',
    username: normalised(username, 'NFKC').trim(),
    name,
    email: tidyEmail(email),
    passwordHash,
    passwordChangedAt: passwordHash === null ? null : context.now,
    mustChangePassword: given.mustChangePassword ?? false,
    mustSetUpTwoFactor: given.mustSetUpTwoFactor ?? false,
    locale: organisation.defaultLocale,
    timeZone: organisation.defaultTimeZone,
    createdAt: context.now,
    joinedAt: invited ? null : context.now,
  });
  await refuseTaken(context, user);
  try {
    await user.save();
  } catch (error) {
    throw takenMeanwhile(error);
  }
  await UserRole.replace(tenantId, user.id, given.roleIds, { at: context.now, by: context.actor?.id ?? null });
  await record(context, {
    event: 'user.created',
    tenantId,
    target: { type: 'user', id: user.id },
    details: { kind, status: user.status },
  });
  return user;
}

/**
 * Throws `Invalid` when these cannot be a username and an address; every door comes by here. The name that one has may be
 * kept, and a program may have no address.
 */
export function refuseMalformed(
  { kind = 'person', username, email }: { kind?: UserKind; username: string; email: string },
  had?: string,
): void {
  const errors: FieldError[] = [];
  const usernameFault = usernameProblem(username) ?? (username === had ? null : lookalikeProblem(username));
  const emailFault = email !== '' ? emailProblem(email) : kind === 'service' ? null : 'Enter an e-mail address.';
  if (usernameFault !== null) errors.push({ field: 'username', message: usernameFault });
  if (emailFault !== null) errors.push({ field: 'email', message: emailFault });
  if (errors.length > 0) throw new Invalid(errors);
}

/**
 * Throws `Invalid` when another user of the tenant has this username or address; and a new username when somebody else
 * once had it, or a machine has it for an account of its own.
 */
export async function refuseTaken(context: Context, user: User): Promise<void> {
  const before = user.isNewRecord ? null : { name: user.usernameKey, email: user.emailKey };
  user.setKeys();
  const errors: FieldError[] = [];
  const { tenantId, usernameKey, emailKey, id } = user;
  // What one has is not looked up: nobody else can have it.
  if (usernameKey !== before?.name) {
    if (await User.findOne({ where: { tenantId, usernameKey }, attributes: ['id'] })) errors.push(TAKEN.username);
    else if (isSystemName(usernameKey)) errors.push({ field: 'username', message: OF_A_MACHINE });
    else if (await isReserved(context, tenantId, usernameKey, id))
      errors.push({ field: 'username', message: HELD_BEFORE });
  }
  if (emailKey !== before?.email && (await User.findOne({ where: { tenantId, emailKey }, attributes: ['id'] })))
    errors.push(TAKEN.email);
  if (errors.length > 0) throw new Invalid(errors);
}

/** What the unique index found, when two took the same name at the same moment, in the words of the form. */
export function takenMeanwhile(error: unknown): unknown {
  if (!(error instanceof UniqueConstraintError)) return error;
  const text = `${Object.keys(error.fields).join(' ')} ${error.message} ${error.parent.message}`;
  return new Invalid([/email/.test(text) ? TAKEN.email : TAKEN.username]);
}

/** Why nobody has the name of a machine's own account. */
export const OF_A_MACHINE =
  'Servers have an account of this name themselves, into which its owner would be let. Choose another.';
/** Why nobody gets a name that somebody else once had. */
export const HELD_BEFORE =
  'Somebody else once had this username, and servers and applications may still know them by it. Choose another, or have an owner free it under Former usernames.';

/** What is said of a name and an address that somebody else has. */
export const TAKEN = {
  username: { field: 'username', message: 'Another user of this organisation has this username. Choose another.' },
  email: { field: 'email', message: 'Another user of this organisation has this e-mail address. Use another.' },
};
