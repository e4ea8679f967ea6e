import assert from 'node:assert/strict';
import { openDatabase } from '#models/database.js';
import type { Services } from '#server/context.js';
import { withLease } from '#server/jobs/lease.js';
import { DAY, MINUTE } from '#server/lib/clock.js';
import { ENGINES, makeWorld, type World } from '../mail/support.js';
import { until } from '../support/until.js';

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
      let begun = 0;
      let refused = 0;
      // It lasts until all the others were refused, however slow they are to ask.
      const work = (): Promise<void> => {
        begun += 1;
        return until(() => begun + refused === 10);
      };
      const tries = Array.from({ length: 10 }, async (_, at) => {
        if (!(await withLease(at % 2 ? elsewhere : world.services, 'race', MINUTE, work))) refused += 1;
      });
      await Promise.all(tries);
      assert.deepEqual([begun, refused], [1, 9]);
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

    it('of a process that died while the clock was ahead is free once that has been put right', async () => {
      const alive = () => Promise.resolve();
      world.clock.move(DAY);
      await new Promise<void>((begun) => {
        void withLease(elsewhere, 'ahead', MINUTE, () => new Promise(() => begun()));
      });
      assert.equal(await withLease(world.services, 'ahead', MINUTE, alive), false);
      world.clock.move(-DAY);
      assert.equal(await withLease(world.services, 'ahead', MINUTE, alive), true);
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
