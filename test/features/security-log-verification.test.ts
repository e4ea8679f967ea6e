import assert from 'node:assert/strict';
import { newestDetails, rowsOf, table, tamper } from '../support/log.js';
import { contextIn } from '../support/links.js';
import { startPortal, type Portal } from '../support/portal.js';

const PATH = '/admin/security-log';
const VERIFY = `${PATH}/verification`;

describe('Verifying the security log', () => {
  let portal: Portal;
  beforeEach(async () => {
    portal = await startPortal();
  });
  afterEach(() => portal.close());

  it('tells an auditor that it is intact, and how many rows it has, and is itself logged', async () => {
    const audrey = await portal.signedIn('acme/audrey');
    const count = (await rowsOf(portal, 'acme')).length;
    const answer = await audrey.submit(PATH, VERIFY);
    assert.equal(answer.status, 303);
    const page = await audrey.follow(answer);
    assert.match(page.flash, new RegExp(`is intact: all ${count} rows stand`));
    assert.deepEqual(table(page)[0]?.slice(1, 5), [
      `Security log verified Rows: ${count}`,
      'Middle',
      'Audrey Aalto',
      'Security log',
    ]);
    assert.match((await audrey.follow(await audrey.submit(PATH, VERIFY))).flash, new RegExp(`all ${count + 1} rows`));
  });

  it('names the first broken row, and leaves a row of the highest level', async () => {
    const audrey = await portal.signedIn('acme/audrey');
    const { tenant } = await contextIn(portal, 'acme');
    await tamper(portal, `UPDATE security_events SET details = '{}' WHERE tenant_id = '${tenant.id}' AND seq = 3`);
    const page = await audrey.follow(await audrey.submit(PATH, VERIFY));
    assert.match(page.flash, /The security log is broken\. Row 3 was changed/);
    assert.deepEqual(table(page)[0]?.slice(1, 3), [
      'Security log found broken Reason: Row 3 was changed, or put in from elsewhere.',
      'High',
    ]);
    assert.deepEqual(await newestDetails(portal, 'acme', 'log.broken'), {
      reason: 'Row 3 was changed, or put in from elsewhere.',
    });
    const gary = await portal.signedIn('globex/gary');
    assert.match((await gary.follow(await gary.submit(PATH, VERIFY))).flash, /is intact/);
  });

  it('changes nothing when it is only looked at', async () => {
    const audrey = await portal.signedIn('acme/audrey');
    const before = await rowsOf(portal, 'acme');
    assert.equal((await audrey.get(VERIFY)).status, 404);
    assert.deepEqual(await rowsOf(portal, 'acme'), before);
  });
});
