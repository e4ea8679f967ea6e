import assert from 'node:assert/strict';
import { ApiCredentialSecret } from '#models/api-credential-secret.js';
import { ApiCredential } from '#models/api-credential.js';
import { User } from '#models/user.js';
import { purge } from '#server/jobs/purge.js';
import { DAY } from '#server/lib/clock.js';
import { startPortal, type Portal } from '../support/portal.js';

describe('The purge of API credentials', () => {
  let portal: Portal;
  before(async () => {
    portal = await startPortal();
  });
  after(() => portal.close());

  it('removes those that ended half a year ago, with their secrets, and none that somebody may still look at', async () => {
    const { id: userId, tenantId } = await User.findByPk(portal.idOf('acme/uma'), { rejectOnEmpty: true });
    const now = portal.clock.now();
    const credential = async (
      name: string,
      ends: { expiresAt?: number; revokedAt?: number },
      kind: 'token' | 'key' = 'token',
    ): Promise<void> => {
      const { id } = await ApiCredential.create({ tenantId, userId, kind, name, createdAt: now - 400 * DAY, ...ends });
      await ApiCredentialSecret.create({
        publicId: id.slice(-12),
        tenantId,
        credentialId: id,
        secretHash: 'x',
        createdAt: now,
      });
    };
    await credential('works', { expiresAt: now + DAY });
    await credential('never expires', {}, 'key');
    await credential('expired lately', { expiresAt: now - 179 * DAY });
    await credential('expired long ago', { expiresAt: now - 181 * DAY });
    await credential('revoked lately', { expiresAt: now - 181 * DAY, revokedAt: now - 179 * DAY });
    await credential('revoked long ago', { expiresAt: now + DAY, revokedAt: now - 181 * DAY });
    await purge(portal.services);
    const left = await ApiCredential.findAll({ order: ['name'] });
    assert.deepEqual(
      left.map(({ name }) => name),
      ['expired lately', 'never expires', 'revoked lately', 'works'],
    );
    assert.equal(await ApiCredentialSecret.count(), 4);
  });
});
