import assert from 'node:assert/strict';
import { KnownBrowser } from '#models/known-browser.js';
import { Link } from '#models/link.js';
import { OutboxMessage } from '#models/outbox-message.js';
import { Session } from '#models/session.js';
import { countThrottle } from '#models/throttle.js';
import { User } from '#models/user.js';
import { purge } from '#server/jobs/purge.js';
import { DAY, MINUTE } from '#server/lib/clock.js';
import { ENGINES, makeWorld, uma, type World } from '../mail/support.js';

for (const engine of ENGINES) {
  describe(`the purge on ${engine}`, () => {
    let world: World;
    before(async () => {
      world = await makeWorld(engine);
    });
    after(() => world.close());
    let user: User;
    before(async () => {
      user = await User.create({
        tenantId: world.tenant.id,
        status: 'active',
        username: 'uma',
        email: uma.email,
        name: 'Uma',
        createdAt: 1,
      });
    });

    const session = (sidHash: string, createdAt: number, endedAt: number | null): Promise<Session> =>
      Session.create({
        sidHash,
        tenantId: world.tenant.id,
        userId: user.id,
        epoch: 0,
        ip: '::1',
        client: '{}',
        createdAt,
        lastSeenAt: createdAt,
        authenticatedAt: createdAt,
        modifiedAt: createdAt,
        endedAt,
      });
    const link = (tokenHash: string, expiresAt: number, usedAt: number | null): Promise<Link> =>
      Link.create({
        tenantId: world.tenant.id,
        userId: user.id,
        kind: 'invitation',
        tokenHash,
        epoch: 0,
        email: uma.email,
        createdAt: 1,
        expiresAt,
        usedAt,
      });
    const message = (subject: string, state: 'queued' | 'sent' | 'failed', at: number): Promise<OutboxMessage> =>
      OutboxMessage.create({
        tenantId: world.tenant.id,
        userId: user.id,
        event: 'invitation',
        recipient: uma.email,
        subject,
        sealedBody: null,
        state,
        nextTryAt: at,
        createdAt: at,
        sentAt: state === 'sent' ? at : null,
      });

    it('removes what is past its time, and nothing else', async () => {
      const now = world.clock.now();
      await session('live', now - DAY, null);
      await session('just-ended', now - DAY, now - 60 * MINUTE);
      await session('ended', now - 3 * DAY, now - 2 * DAY);
      await session('old', now - 31 * DAY, null);
      await link('fresh', now + DAY, null);
      await link('used-lately', now - 20 * DAY, now - 21 * DAY);
      await link('used-long-ago', now + DAY, now - 31 * DAY);
      await link('expired-long-ago', now - 31 * DAY, now - 20 * DAY);
      await message('sent lately', 'sent', now - 89 * DAY);
      await message('sent long ago', 'sent', now - 91 * DAY);
      await message('failed long ago', 'failed', now - 91 * DAY);
      await message('still waiting', 'queued', now - 91 * DAY);
      for (const [browserHash, lastUsedAt] of [
        ['lately', now - 399 * DAY],
        ['long ago', now - 401 * DAY],
      ] as const)
        await KnownBrowser.create({
          tenantId: world.tenant.id,
          userId: user.id,
          browserHash,
          createdAt: 1,
          lastUsedAt,
        });
      await countThrottle(world.database, 'over', MINUTE, now - 2 * MINUTE);
      await countThrottle(world.database, 'running', MINUTE, now);

      assert.equal(await purge(world.services), 7);
      assert.deepEqual(
        (await KnownBrowser.findAll()).map(({ browserHash }) => browserHash),
        ['lately'],
      );
      assert.deepEqual(
        (await Session.findAll({ order: ['sidHash'] })).map(({ sidHash }) => sidHash),
        ['just-ended', 'live'],
      );
      assert.deepEqual(
        (await Link.findAll({ order: ['tokenHash'] })).map(({ tokenHash }) => tokenHash),
        ['fresh', 'used-lately'],
      );
      assert.deepEqual(
        (await OutboxMessage.findAll({ order: ['subject'] })).map(({ subject }) => subject),
        ['sent lately', 'still waiting'],
      );
      assert.deepEqual(await world.database.read('SELECT key FROM throttles', []), [{ key: 'running' }]);
      assert.equal(await purge(world.services), 0);
    });

    it('goes through more rows than one batch holds', async () => {
      const now = world.clock.now();
      const at = now - 91 * DAY;
      const rows = Array.from({ length: 1100 }, (_, place) => ({
        tenantId: world.tenant.id,
        userId: null,
        event: 'invitation',
        recipient: `u${place}@x.example`,
        subject: 'old',
        sealedBody: null,
        state: 'sent' as const,
        nextTryAt: at,
        createdAt: at,
        sentAt: at,
      }));
      await OutboxMessage.bulkCreate(rows);
      assert.equal(await purge(world.services), 1100);
      await OutboxMessage.destroy({ where: {} });
    });
  });
}
