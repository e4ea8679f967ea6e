import assert from 'node:assert/strict';
import { UserJobRow } from '#models/user-job-row.js';
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
