import { ApiCredential } from '#models/api-credential.js';
import { ApiCredentialSecret } from '#models/api-credential-secret.js';
import { Challenge } from '#models/challenge.js';
import { Link } from '#models/link.js';
import { Passkey } from '#models/passkey.js';
import { Role } from '#models/role.js';
import { SecurityPolicy } from '#models/security-policy.js';
import { Session } from '#models/session.js';
import { Tenant } from '#models/tenant.js';
import { User } from '#models/user.js';
import { UserRole } from '#models/user-role.js';
import { isWrite, type Permission } from '#policies/permissions.js';

/** What a request that is under way stands on. */
export interface Ground {
  on: 'session' | 'challenge' | 'credential' | 'link' | 'password' | 'passkey';
  userId: string;
  tenantId: string;
  sessionId?: string;
  credentialId?: string;
  /** What its access asks for, where that is a permission. */
  permission?: Permission | null;
  /** Is the account of its sender changed by it, which a limited token may not do? */
  wholeCredential?: boolean;
  /** Has the sender one role, of the organisation's own? */
  ownRole: boolean;
  platform?: boolean;
  now: number;
}

/** A way in which somebody's authority ends: done to the rows, as every door of ours would leave them. */
export interface Way {
  name: string;
  concerns(ground: Ground): boolean;
  take(ground: Ground): Promise<unknown>;
}

const person = ({ userId: id, tenantId }: Ground) => ({ where: { id, tenantId } });
const everything = (): boolean => true;
const bySession = ({ on }: Ground): boolean => on === 'session';
const byCredential = ({ on }: Ground): boolean => on === 'credential';
const byRight = ({ permission }: Ground): boolean => (permission ?? null) !== null;

/** Every way there is. */
export const WAYS: readonly Way[] = [
  {
    name: 'the user is disabled',
    concerns: everything,
    take: async (ground) => {
      const user = await User.findOne({ ...person(ground), rejectOnEmpty: true });
      await user.update({ status: 'disabled', epoch: user.epoch + 1 });
      await Session.end({ tenantId: ground.tenantId, userId: ground.userId }, ground.now);
    },
  },
  {
    name: 'the user is deleted',
    concerns: everything,
    take: (ground) => User.destroy(person(ground)),
  },
  {
    name: 'the user loses the role',
    concerns: (ground) => byRight(ground) || (byCredential(ground) && ground.ownRole),
    take: ({ userId, tenantId }) => UserRole.destroy({ where: { userId, tenantId } }),
  },
  {
    name: 'the permissions are taken out of the role',
    concerns: (ground) => byRight(ground) && ground.ownRole,
    take: (ground) => changeRoles(ground, { permissions: '[]' }),
  },
  {
    name: 'the role is made read-only',
    concerns: (ground) => {
      const writes = ground.permission != null && isWrite(ground.permission);
      return ground.ownRole && (writes || (byCredential(ground) && ground.wholeCredential === true));
    },
    take: (ground) => changeRoles(ground, { readOnly: true }),
  },
  {
    name: 'this session is ended',
    concerns: bySession,
    take: ({ sessionId = '', tenantId, now }) => Session.end({ tenantId, id: sessionId }, now),
  },
  {
    name: 'all sessions are ended',
    concerns: (ground) => bySession(ground) || ground.on === 'challenge',
    take: async (ground) => {
      await User.increment('epoch', person(ground));
      await Session.end({ tenantId: ground.tenantId, userId: ground.userId }, ground.now);
    },
  },
  {
    name: 'the password is changed',
    concerns: (ground) => bySession(ground) || ground.on === 'challenge' || ground.on === 'password',
    take: async (ground) => {
      await User.update({ passwordHash: 'a hash that nothing matches' }, person(ground));
      await User.increment('epoch', person(ground));
    },
  },
  {
    name: 'the credential is revoked',
    concerns: byCredential,
    take: ({ credentialId = '', now }) => ApiCredential.update({ revokedAt: now }, { where: { id: credentialId } }),
  },
  {
    name: 'the token is rotated, with no hour for the old secret',
    concerns: byCredential,
    take: ({ credentialId = '', now }) => ApiCredentialSecret.update({ diesAt: now }, { where: { credentialId } }),
  },
  {
    name: 'the organisation is suspended',
    concerns: ({ platform }) => platform !== true,
    take: ({ tenantId, now }) => Tenant.update({ status: 'suspended', suspendedAt: now }, { where: { id: tenantId } }),
  },
  {
    name: 'the sender is outside the addresses of the organisation',
    concerns: ({ on }) => on !== 'link',
    take: ({ tenantId }) => SecurityPolicy.update({ allowedIps: '10.0.0.0/8' }, { where: { tenantId } }),
  },
  {
    name: 'the sign-in is completed elsewhere',
    concerns: ({ on }) => on === 'challenge',
    take: ({ userId, now }) => Challenge.update({ endedAt: now }, { where: { userId } }),
  },
  {
    name: 'its passkey no longer signs in alone',
    concerns: ({ on }) => on === 'passkey',
    take: ({ userId, tenantId }) => Passkey.update({ signInAlone: false }, { where: { userId, tenantId } }),
  },
  {
    name: 'the link is void',
    concerns: ({ on }) => on === 'link',
    take: ({ userId, now }) => Link.update({ usedAt: now }, { where: { userId } }),
  },
];

async function changeRoles({ userId, tenantId }: Ground, values: Partial<Role['_attributes']>): Promise<void> {
  const held = await UserRole.findAll({ where: { userId, tenantId } });
  await Role.update(values, { where: { tenantId, id: held.map(({ roleId }) => roleId) } });
}
