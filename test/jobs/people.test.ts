import assert from 'node:assert/strict';
import { QueryTypes } from 'sequelize';
import { UserJobRow } from '#models/user-job-row.js';
import { User } from '#models/user.js';
import { workOnNext } from '#server/features/user-jobs/work.js';
import { logged } from '../support/links.js';
import { startPortal, type Portal } from '../support/portal.js';

const BULK = '/admin/users/bulk';

describe('Two workers at one job, as where the lease of the first ran out', () => {
  let portal: Portal;
  before(async () => {
    portal = await startPortal();
  });
  after(() => portal.close());

  it('do to each person once what was begun', async () => {
    const adam = await portal.signedIn('acme/adam');
    const ids = ['acme/uma', 'acme/umar'].map((who) => portal.idOf(who));
    const shown = await adam.post(BULK, { _csrf: await adam.csrf('/admin/users'), action: 'mark-outdated', ids });
    assert.equal((await adam.post(BULK, shown.form(BULK))).status, 303);
    await Promise.all([1, 2, 3].map(() => workOnNext(portal.services, Infinity)));
    while (await workOnNext(portal.services, Infinity));
    const rows = await UserJobRow.findAll({ where: { userId: ids } });
    assert.deepEqual(
      rows.map(({ state }) => state),
      ['done', 'done'],
    );
    assert.equal((await logged(portal, 'acme', 'password.marked-outdated')).length, 2);
    assert.equal((await logged(portal, 'acme', 'user-job.done')).length, 1);
  });
});

describe('A job of a thousand people and more', () => {
  it('lets PostgreSQL look how large its tables are, which it would do minutes later: until then some lists take seconds', async function () {
    const portal = await startPortal();
    try {
      if (portal.database.dialect !== 'postgres') return this.skip();
      const { sequelize } = portal.database;
      const known = async (): Promise<number> => {
        const sql = `SELECT reltuples AS rows FROM pg_class WHERE oid = 'users'::regclass`;
        return Number((await sequelize.query<{ rows: number }>(sql, { type: QueryTypes.SELECT }))[0]?.rows);
      };
      await sequelize.query(`UPDATE pg_class SET reltuples = -1 WHERE oid = 'users'::regclass`);
      const adam = await portal.signedIn('acme/adam');
      const ids = [portal.idOf('acme/uma')];
      const shown = await adam.post(BULK, { _csrf: await adam.csrf('/admin/users'), action: 'mark-outdated', ids });
      assert.equal((await adam.post(BULK, shown.form(BULK))).status, 303);
      await UserJobRow.update({ place: 1000 }, { where: { userId: ids } });
      assert.equal(await known(), -1);
      while (await workOnNext(portal.services, Infinity));
      assert.equal(await known(), await User.count());
    } finally {
      await portal.close();
    }
  });
});
