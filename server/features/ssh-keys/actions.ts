import { Op, UniqueConstraintError } from 'sequelize';
import { SshKey } from '#models/ssh-key.js';
import { User } from '#models/user.js';
import { canonicalSlug } from '#policies/names.js';
import type { SignedInContext, TenantContext, UserContext } from '#server/context.js';
import { Invalid, NotFound } from '#server/errors.js';
import { MINUTE } from '#server/lib/clock.js';
import { readSshPublicKey } from '#server/lib/ssh-public-key.js';
import { queueMail } from '#server/mail/outbox.js';
import { record } from '#server/trace/record.js';
import { removeKey } from '#server/identity/ssh-key.js';
import { lockUser } from '#server/identity/lock-user.js';
import { actingNow } from '#server/identity/acting.js';
import { issueDisavowal } from '#server/identity/disavowal-link.js';

const MOST_KEYS = 50;
const NOTE_EVERY = MINUTE;

export interface NewSshKey {
  name: string;
  publicKey: string;
  /** Null for a key that does not expire. */
  expiresAt: number | null;
}

/** The user's SSH keys, newest first. */
export async function listSshKeys(user: { id: string; tenantId: string }): Promise<SshKey[]> {
  const order: [string, string][] = [
    ['createdAt', 'DESC'],
    ['id', 'DESC'],
  ];
  return SshKey.findAll({ where: { tenantId: user.tenantId, userId: user.id }, order });
}

/** Adds a public key of the caller's own. `Invalid` says why one cannot be taken. */
export async function addSshKey(context: UserContext, { name, publicKey, expiresAt }: NewSshKey): Promise<SshKey> {
  const verdict = readSshPublicKey(publicKey);
  if ('problem' in verdict) throw Invalid.field('publicKey', verdict.problem);
  if (expiresAt !== null && expiresAt <= context.now) throw Invalid.field('expiresAt', 'Choose a time in the future.');
  const { tenant, now } = context;
  const { key } = verdict;
  try {
    return await actingNow(context, 'whole', async (acting) => {
      const owner = await lockUser(tenant.id, acting.user.id);
      const where = { tenantId: tenant.id, userId: owner.id };
      if ((await SshKey.count({ where })) >= MOST_KEYS) {
        throw Invalid.field(
          '',
          `You have ${MOST_KEYS} SSH keys, which is the most there may be. Remove one that is no longer used.`,
        );
      }
      const row = await SshKey.create({ ...where, ...key, name, expiresAt, createdAt: now });
      // No server is given the keys of a service account, and it reads no mail.
      if (owner.kind === 'person') await tellOwner(acting, owner, name, key.fingerprint);
      const details = { name, type: key.type, fingerprint: key.fingerprint };
      await record(acting, { event: 'ssh-key.added', target: { type: 'user', id: owner.id }, details });
      return row;
    });
  } catch (error) {
    if (error instanceof UniqueConstraintError) throw Invalid.field('publicKey', 'You have added this key already.');
    throw error;
  }
}

async function tellOwner(acting: TenantContext, owner: User, name: string, fingerprint: string): Promise<void> {
  const variables = {
    what: 'SSH key',
    credential: `The SSH key “${name}” (${fingerprint})`,
    ...(await issueDisavowal(acting, owner, 'ssh-key.added')),
  };
  await queueMail(acting, { event: 'credential-added', to: owner, tenant: acting.tenant, variables });
}

/** Removes one of the caller's own keys; from then on no server is given it. */
export async function removeSshKey(context: UserContext, id: string): Promise<void> {
  const { tenant, user } = context;
  await actingNow(context, 'own', async (acting) => {
    const row = await SshKey.findOne({ where: { tenantId: tenant.id, userId: user.id, id } });
    if (!row) throw new NotFound();
    await removeKey(acting, row);
  });
}

/** Puts back one of the caller's own keys that has been suspended because nobody could tell whose it was. */
export async function restoreSshKey(context: SignedInContext, id: string): Promise<void> {
  await actingNow(context, 'own', async (acting) => {
    const where = { tenantId: acting.tenant.id, userId: acting.user.id, id };
    const row = await SshKey.findOne({ where });
    const [restored] = await SshKey.update(
      { suspendedAt: null },
      { where: { ...where, suspendedAt: { [Op.ne]: null } } },
    );
    if (!row || restored !== 1) throw new NotFound();
    const { name, fingerprint } = row;
    await record(acting, {
      event: 'ssh-key.restored',
      target: { type: 'user', id: acting.user.id },
      details: { name, fingerprint },
    });
  });
}

/**
 * The lines that `sshd` is to accept for a user of the caller's tenant: the keys that have not expired, of an active
 * user. With a fingerprint, only that key, and that it was asked for is noted, at most once a minute.
 */
export async function authorizedKeys(
  context: TenantContext,
  organization: string,
  username: string,
  fingerprint?: string,
): Promise<string[]> {
  const { tenant, now } = context;
  if (canonicalSlug(organization) !== tenant.slug) throw new NotFound();
  const user = await User.byUsername(tenant.id, username);
  if (user?.status !== 'active') throw new NotFound();
  // Whoever has to get their account back first may not have been the only one in it.
  if (user.removalAt !== null || user.resetHeld || (user.kind === 'person' && user.passwordHash === null)) return [];
  const owner = { tenantId: tenant.id, userId: user.id };
  const live = { suspendedAt: null, expiresAt: { [Op.or]: [null, { [Op.gt]: now }] } };
  const keys = await SshKey.findAll({
    where: { ...owner, ...live, ...(fingerprint === undefined ? {} : { fingerprint }) },
    order: [['createdAt', 'ASC']],
  });
  if (fingerprint !== undefined && keys.length > 0) {
    const unnoted = { lastUsedAt: { [Op.or]: [null, { [Op.lte]: now - NOTE_EVERY }] } };
    await SshKey.update({ lastUsedAt: now }, { where: { ...owner, ...unnoted, fingerprint } });
  }
  return keys.map(({ type, blob, id }) => `${type} ${blob} ${id}`);
}
