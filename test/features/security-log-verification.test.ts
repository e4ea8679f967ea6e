import assert from 'node:assert/strict';
import { LogWalk } from '#models/log-walk.js';
import { workOnVerification } from '#server/features/security-log/verification.js';
import { workOnLogWalks } from '#server/jobs/log-walks.js';
import { recordMany } from '#server/trace/record.js';
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
  const work = (): Promise<void> => workOnLogWalks(portal.services);
  // No time at all: one read, and the rest for the next.
  const oneStep = (): Promise<boolean> => workOnVerification(portal.services, 0);

  it('goes on aside; the page says how far it is, then that it is intact; both ends are rows of the log', async () => {
    const audrey = await portal.signedIn('acme/audrey');
    const answer = await audrey.submit(PATH, VERIFY);
    assert.equal(answer.status, 303);
    assert.equal(answer.location, `${PATH}#verify`);
    const waiting = await audrey.get(PATH);
    assert.match(waiting.text, /About to begin/);
    assert.deepEqual(
      waiting.forms().filter((to) => to === VERIFY),
      [],
      'Nobody needs to begin it again.',
    );
    const count = (await rowsOf(portal, 'acme')).length;
    await work();
    const page = await audrey.get(PATH);
    assert.match(page.text, new RegExp(`is intact: all ${count} rows stand as written`));
    assert.deepEqual(
      table(page)
        .slice(0, 2)
        .map((row) => row.slice(1, 5)),
      [
        [`Security log verified Rows: ${count}`, 'Middle', 'Gatehouse itself', 'Security log'],
        ['Verification of the log begun', 'Low', 'Audrey Aalto', 'Security log'],
      ],
    );
  });

  it('goes on where it was after a restart, is done once however many work on it, and is not begun twice', async () => {
    const context = await contextIn(portal, 'acme');
    await recordMany(
      context,
      context.tenant.id,
      Array.from({ length: 2500 }, () => ({ event: 'demo.event' as const })),
    );
    const audrey = await portal.signedIn('acme/audrey');
    await audrey.submit(PATH, VERIFY);
    const count = (await rowsOf(portal, 'acme')).length;
    await oneStep();
    const half = await LogWalk.findByPk(context.tenant.id, { rejectOnEmpty: true });
    assert.deepEqual([half.state, half.seq, half.goal], ['running', 1000, count]);
    assert.match((await audrey.get(PATH)).text, /1,000 of [\d,]+ rows/);
    await audrey.post(VERIFY, { _csrf: await audrey.csrf('/profile') });
    const same = await LogWalk.findByPk(context.tenant.id, { rejectOnEmpty: true });
    assert.deepEqual([same.seq, same.askedAt], [1000, half.askedAt]);
    await oneStep();
    assert.equal((await LogWalk.findByPk(context.tenant.id))?.seq, 2000);
    await Promise.all([oneStep(), oneStep(), work()]);
    const rows = await rowsOf(portal, 'acme');
    assert.equal(rows.filter(({ event }) => event === 'log.verified').length, 1);
    assert.equal(rows.filter(({ event }) => event === 'log.verification-begun').length, 1);
    assert.equal(await oneStep(), false);
  });

  it('begins anew where somebody has moved the place that it was at, and so leaves nothing out', async () => {
    const context = await contextIn(portal, 'acme');
    await recordMany(
      context,
      context.tenant.id,
      Array.from({ length: 2500 }, () => ({ event: 'demo.event' as const })),
    );
    const audrey = await portal.signedIn('acme/audrey');
    await audrey.submit(PATH, VERIFY);
    await oneStep();
    const { tenant } = context;
    await tamper(portal, `UPDATE security_events SET ip = '192.0.2.9' WHERE tenant_id = '${tenant.id}' AND seq = 1500`);
    const [behind] = await portal.database.read(
      'SELECT hash FROM security_events WHERE tenant_id = $1 AND seq = 2000',
      [tenant.id],
    );
    await LogWalk.update({ seq: 2000, beforeHash: String(behind?.['hash']) }, { where: { tenantId: tenant.id } });
    await work();
    assert.match((await audrey.get(PATH)).text, /Row 1500 was changed/);
  });

  it('names the first broken row, and leaves a row of the highest level', async () => {
    const audrey = await portal.signedIn('acme/audrey');
    const { tenant } = await contextIn(portal, 'acme');
    await tamper(portal, `UPDATE security_events SET details = '{}' WHERE tenant_id = '${tenant.id}' AND seq = 3`);
    await audrey.submit(PATH, VERIFY);
    await work();
    const page = await audrey.get(PATH);
    assert.match(page.text, /The security log is broken Row 3 was changed/);
    assert.deepEqual(table(page)[0]?.slice(1, 3), [
      'Security log found broken Reason: Row 3 was changed, or put in from elsewhere.',
      'High',
    ]);
    assert.deepEqual(await newestDetails(portal, 'acme', 'log.broken'), {
      reason: 'Row 3 was changed, or put in from elsewhere.',
    });
    const gary = await portal.signedIn('globex/gary');
    await gary.submit(PATH, VERIFY);
    await work();
    assert.match((await gary.get(PATH)).text, /is intact/);
  });

  it('changes nothing when it is only looked at', async () => {
    const audrey = await portal.signedIn('acme/audrey');
    const before = await rowsOf(portal, 'acme');
    assert.equal((await audrey.get(VERIFY)).status, 404);
    assert.deepEqual(await rowsOf(portal, 'acme'), before);
  });
});
