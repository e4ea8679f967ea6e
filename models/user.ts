import type { FindOptions, NonAttribute } from 'sequelize';
import { THEMES, TWO_FACTOR_STATES, USER_KINDS, USER_STATES } from '#policies/enumerations.js';
import { canonicalEmail, canonicalUsername, priorKey, soughtName, soughtUser } from '#policies/names.js';
import {
  count,
  flag,
  id,
  of,
  optionalText,
  optionalTime,
  reference,
  table,
  text,
  time,
  withDefault,
} from './columns.js';
import type { Role } from './role.js';

/** An account in one tenant: a person, or a service account that only programs use. */
export class User extends table(
  'users',
  {
    id,
    tenantId: reference,
    kind: withDefault(of(USER_KINDS), 'person'),
    status: of(USER_STATES),
    username: text,
    /** The canonical forms carry the unique indexes; set by the hook below, never by hand. */
    usernameKey: withDefault(text, ''),
    /** Empty for a service account that has none. */
    email: text,
    emailKey: withDefault(text, ''),
    name: text,
    nameKey: withDefault(text, ''),
    searchKey: withDefault(text, ''),
    passwordHash: optionalText,
    passwordChangedAt: optionalTime,
    mustChangePassword: flag,
    /** True: only a link that an administrator sends leads to a new password, because the address may be somebody else's. */
    resetHeld: flag,
    mustSetUpTwoFactor: flag,
    /** True: an administrator took a second factor away, and the password alone does not set up the next. */
    enrolmentHeld: flag,
    /** Since when the mark, or a role that demands it, has asked this user for two-factor authentication. */
    twoFactorSince: withDefault(time, 0),
    twoFactor: withDefault(of(TWO_FACTOR_STATES), 'disabled'),
    /** Kept for the day on which nothing else opens the organisation: no address rule and no ban of passwords binds it. */
    breakGlass: flag,
    /** Counts the changes that end all sessions and void all links made before. */
    epoch: withDefault(count, 0),
    locale: withDefault(text, 'en'),
    timeZone: withDefault(text, 'UTC'),
    theme: withDefault(of(THEMES), 'auto'),
    createdAt: time,
    /** Since when they are in: made, or once the invitation was accepted; null while it waits. */
    joinedAt: optionalTime,
    lastSignedInAt: optionalTime,
    /** When the account goes, whose owner has asked for that; until then nothing of it works, and they can take it back. */
    removalAt: optionalTime,
    /** True once its owner has been told that this is about to be. */
    removalNoticed: flag,
    /** Only for lists and filters; what counts is the throttle. */
    lockedUntil: optionalTime,
  },
  setKeys,
) {
  declare roles?: NonAttribute<Role[]>;
  declare getRoles: () => Promise<Role[]>;
  declare setRoles: (roleIds: string[]) => Promise<void>;

  setKeys(): void {
    setKeys(this);
  }

  /** The user of this id in this tenant, with roles; null for another tenant's. */
  static async inTenant(tenantId: string, userId: string): Promise<User | null> {
    const user = await User.findOne({ where: { tenantId, id: userId } });
    // Not as a join of the two: SQLite goes through everybody's roles for it.
    if (user) user.roles = await user.getRoles();
    return user;
  }

  /** Who signs in with this username or, when it holds an @, this e-mail address. */
  static async bySignInName(tenantId: string, typed: string): Promise<User | null> {
    return User.called(tenantId, typed, { where: { kind: 'person' } });
  }

  /** The person who has this username; no e-mail address is one, since those pass from one to another. */
  static async byUsername(tenantId: string, typed: string): Promise<User | null> {
    return canonicalEmail(typed).includes('@') ? null : User.bySignInName(tenantId, typed);
  }

  /** Who has this username or, when it holds an @, this e-mail address; first whoever is still known by the prior key. */
  static async called(
    tenantId: string,
    typed: string,
    { where, ...options }: FindOptions<User['_attributes']> = {},
  ): Promise<User | null> {
    const { column, prior, key } = User.keysOf(typed);
    const found = await User.findAll({ ...options, where: { tenantId, [column]: [prior, key], ...where } });
    return found.find((user) => user[column] === prior) ?? found[0] ?? null;
  }

  /** Where a typed name is looked for, and as what: first by the prior key. */
  static keysOf(typed: string): { column: 'emailKey' | 'usernameKey'; prior: string; key: string } {
    const email = canonicalEmail(typed);
    const column = email.includes('@') ? 'emailKey' : 'usernameKey';
    return { column, prior: priorKey(typed), key: column === 'emailKey' ? email : canonicalUsername(typed) };
  }
}

type Names = Record<
  'id' | 'username' | 'email' | 'name' | 'usernameKey' | 'emailKey' | 'nameKey' | 'searchKey',
  string
>;

/** Works out the canonical columns from the ones a person typed. */
function setKeys(user: Names): void {
  if (user.usernameKey !== priorKey(user.username)) user.usernameKey = canonicalUsername(user.username);
  if (user.email === '') user.emailKey = keyOfNoAddress(user.id);
  else if (user.emailKey !== priorKey(user.email)) user.emailKey = canonicalEmail(user.email);
  user.nameKey = soughtName(user.name);
  user.searchKey = soughtUser(user);
}

// One for each account, as the index demands, and none that an address can have: it has no @.
function keyOfNoAddress(id: string): string {
  return `~${id}`;
}
