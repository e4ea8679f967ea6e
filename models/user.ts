import {
  Model,
  type CreationOptional,
  type FindOptions,
  type InferAttributes,
  type InferCreationAttributes,
  type NonAttribute,
  type Sequelize,
} from 'sequelize';
import { canonicalEmail, canonicalUsername, priorKey, soughtName, soughtUser } from '#policies/names.js';
import { count, flag, id, options, optionalText, optionalTime, reference, text, time } from './columns.js';
import type { Role } from './role.js';

/** An account in one tenant: a person, or a service account that only programs use. */
export class User extends Model<InferAttributes<User>, InferCreationAttributes<User>> {
  declare id: CreationOptional<string>;
  declare tenantId: string;
  declare kind: CreationOptional<'person' | 'service'>;
  declare status: 'invited' | 'active' | 'disabled';
  declare username: string;
  /** The canonical forms carry the unique indexes; set by the hook below, never by hand. */
  declare usernameKey: CreationOptional<string>;
  declare email: string;
  declare emailKey: CreationOptional<string>;
  declare name: string;
  declare nameKey: CreationOptional<string>;
  declare searchKey: CreationOptional<string>;
  declare passwordHash: CreationOptional<string | null>;
  declare passwordChangedAt: CreationOptional<number | null>;
  declare mustChangePassword: CreationOptional<boolean>;
  /** True: only a link that an administrator sends leads to a new password, because the address may be somebody else's. */
  declare resetHeld: CreationOptional<boolean>;
  declare mustSetUpTwoFactor: CreationOptional<boolean>;
  /** Since when the mark, or a role that demands it, has asked this user for two-factor authentication. */
  declare twoFactorSince: CreationOptional<number>;
  declare twoFactor: CreationOptional<'disabled' | 'pending' | 'active'>;
  /** Counts the changes that end all sessions and void all links made before. */
  declare epoch: CreationOptional<number>;
  declare locale: CreationOptional<string>;
  declare timeZone: CreationOptional<string>;
  declare theme: CreationOptional<'auto' | 'light' | 'dark'>;
  declare createdAt: number;
  declare lastSignedInAt: CreationOptional<number | null>;
  /** Only for lists and filters; what counts is the throttle. */
  declare lockedUntil: CreationOptional<number | null>;
  declare roles?: NonAttribute<Role[]>;
  declare setRoles: (roleIds: string[]) => Promise<void>;

  static register(sequelize: Sequelize): void {
    User.init(
      {
        id,
        tenantId: reference,
        kind: { ...text, defaultValue: 'person' },
        status: text,
        username: text,
        usernameKey: { ...text, defaultValue: '' },
        email: text,
        emailKey: { ...text, defaultValue: '' },
        name: text,
        nameKey: { ...text, defaultValue: '' },
        searchKey: { ...text, defaultValue: '' },
        passwordHash: optionalText,
        passwordChangedAt: optionalTime,
        mustChangePassword: flag,
        resetHeld: flag,
        mustSetUpTwoFactor: flag,
        twoFactorSince: { ...time, defaultValue: 0 },
        twoFactor: { ...text, defaultValue: 'disabled' },
        epoch: { ...count, defaultValue: 0 },
        locale: { ...text, defaultValue: 'en' },
        timeZone: { ...text, defaultValue: 'UTC' },
        theme: { ...text, defaultValue: 'auto' },
        createdAt: time,
        lastSignedInAt: optionalTime,
        lockedUntil: optionalTime,
      },
      {
        ...options,
        sequelize,
        tableName: 'users',
        hooks: {
          // Not beforeValidate: what that sets, an update by `save()` would leave out.
          beforeSave: (user) => user.setKeys(),
          beforeBulkCreate: (users) => {
            for (const user of users) user.setKeys();
          },
        },
      },
    );
  }

  /** Works out the canonical columns from the ones a person typed. */
  setKeys(): void {
    if (this.usernameKey !== priorKey(this.username)) this.usernameKey = canonicalUsername(this.username);
    if (this.emailKey !== priorKey(this.email)) this.emailKey = canonicalEmail(this.email);
    this.nameKey = soughtName(this.name);
    this.searchKey = soughtUser(this);
  }

  /** The user of this id in this tenant, with roles; null for another tenant's. */
  static async inTenant(tenantId: string, userId: string): Promise<User | null> {
    return User.findOne({ where: { tenantId, id: userId }, include: 'roles' });
  }

  /** Who signs in with this username or, when it holds an @, this e-mail address. */
  static async bySignInName(tenantId: string, typed: string): Promise<User | null> {
    return User.called(tenantId, typed, { where: { kind: 'person' } });
  }

  /** Who has this username or, when it holds an @, this e-mail address; first whoever is still known by the prior key. */
  static async called(
    tenantId: string,
    typed: string,
    { where, ...options }: FindOptions<InferAttributes<User>> = {},
  ): Promise<User | null> {
    const email = canonicalEmail(typed);
    const column = email.includes('@') ? 'emailKey' : 'usernameKey';
    const key = column === 'emailKey' ? email : canonicalUsername(typed);
    const prior = priorKey(typed);
    const found = await User.findAll({ ...options, where: { tenantId, [column]: [prior, key], ...where } });
    return found.find((user) => user[column] === prior) ?? found[0] ?? null;
  }
}
