import assert from 'node:assert/strict';
import { openDatabase } from '#models/database.js';
import type { Services } from '#server/context.js';
import { withLease } from '#server/jobs/lease.js';
import { MINUTE } from '#server/lib/clock.js';
import { ENGINES, makeWorld, type World } from '../mail/support.js';

for (const engine of ENGINES) {
  describe(`a lease on ${engine}`, () => {
    let world: World;
    let elsewhere: Services;
    before(async () => {
      world = await makeWorld(engine);
      // Another process, as the database sees it: a connection of its own.
      elsewhere = { ...world.services, database: await openDatabase(world.config) };
    });
    after(async () => {
      await elsewhere.database.close();
      await world.close();
    });
    it('lets one of any number of processes do the work', async () => {
      let running = 0;
      let most = 0;
      const work = async (): Promise<void> => {
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => setTimeout(resolve, 150));
        running -= 1;
      };
      const tries = Array.from({ length: 10 }, (_, at) =>
        withLease(at % 2 ? elsewhere : world.services, 'race', MINUTE, work),
      );
      const done = await Promise.all(tries);
      assert.equal(done.filter(Boolean).length, 1);
      assert.equal(most, 1);
    });

    it('is given back when the work is done, and when it failed', async () => {
      assert.equal(await withLease(world.services, 'again', MINUTE, () => Promise.resolve()), true);
      await assert.rejects(
        withLease(elsewhere, 'again', MINUTE, () => Promise.reject(new Error('broken'))),
        /broken/,
      );
      assert.equal(await withLease(world.services, 'again', MINUTE, () => Promise.resolve()), true);
    });

    it('of a process that died is free when its time has run out, and cannot be given back by the dead', async () => {
      let finish = (): void => undefined;
      let dying: Promise<boolean> | undefined;
      await new Promise<void>((begun) => {
        dying = withLease(elsewhere, 'dead', MINUTE, () => {
          begun();
          return new Promise<void>((resolve) => (finish = resolve));
        });
      });
      assert.equal(await withLease(world.services, 'dead', MINUTE, () => Promise.resolve()), false);
      world.clock.move(MINUTE + 1);
      let second: boolean | undefined;
      const taken = await withLease(world.services, 'dead', MINUTE, async () => {
        finish();
        await dying;
        second = await withLease(elsewhere, 'dead', MINUTE, () => Promise.resolve());
      });
      assert.deepEqual([taken, second], [true, false]);
    });

    it('has nothing to do with one of another name', async () => {
      const inner = await new Promise<boolean>((resolve, reject) => {
        withLease(world.services, 'one', MINUTE, async () =>
          resolve(await withLease(world.services, 'two', MINUTE, () => Promise.resolve())),
        ).catch(reject);
      });
      assert.equal(inner, true);
    });
  });
}
