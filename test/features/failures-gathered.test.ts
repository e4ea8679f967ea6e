import assert from 'node:assert/strict';
import { digestOf } from '#server/jobs/digest-facts.js';
import { DAY, MINUTE } from '#server/lib/clock.js';
import { writeRepeatsOver } from '#server/trace/repeated.js';
import { clearCounters } from '../support/database.js';
import { contextIn, logged } from '../support/links.js';
import { rowsOf, table, verdictOn } from '../support/log.js';
import { enterPass } from '../support/passes.js';
import { startPortal, type Portal } from '../support/portal.js';
import { withBasic } from '../support/programs.js';
import { enrol, halfSignedIn, sendCode } from '../support/second-factor.js';
import { pageOf } from '../support/users.js';

describe('A stranger who knocks', () => {
  let portal: Portal;
  beforeEach(async () => {
    portal = await startPortal();
  });
  afterEach(() => portal.close());

  const forgive = (keys = '%'): Promise<unknown> =>
    portal.database.sequelize.query(`DELETE FROM throttles WHERE key LIKE '${keys}'`);
  const knock = async (who: string): Promise<void> => {
    await forgive('failures/%');
    assert.equal((await portal.browser().tryToSignIn(who, 'wrong')).status, 422);
  };
  const minuteOver = async (): Promise<void> => {
    portal.clock.move(MINUTE);
    await writeRepeatsOver(portal.services);
  };

  it('fills no log, by whichever door and with whatever is wrong: two rows a minute, in which each knock is counted', async () => {
    const { phone } = await enrol(portal, 'acme/umar');
    const half = await halfSignedIn(portal, 'acme/umar');
    const uma = await portal.signedIn('acme/uma');
    const ways: Record<string, [slug: string, event: string, knock: () => Promise<unknown>]> = {
      'a wrong password': ['acme', 'sign-in.failed', () => knock('acme/uma')],
      'a name that nobody has': ['acme', 'sign-in.failed', () => knock('acme/zoe')],
      'an organisation that there is not': ['platform', 'sign-in.failed', () => knock('nowhere/zoe')],
      'a wrong code': ['acme', 'two-factor.failed', () => sendCode(half, phone.code(9))],
      'a wrong pass': ['acme', 'access-pass.failed', () => enterPass(portal.browser(), 'acme/uma', 'aaaa-bbbb-cccc')],
      'a wrong password of who is signed in': ['acme', 'step-up.failed', () => uma.stepUp('wrong')],
      'HTTP Basic': ['acme', 'sign-in.failed', () => withBasic(portal, 'acme/umar', 'wrong').get('/me')],
    };
    for (const [what, [slug, event, again]] of Object.entries(ways)) {
      const before = (await logged(portal, slug, event)).length;
      for (let times = 0; times < 4; times += 1) {
        await forgive();
        await again();
      }
      assert.equal((await logged(portal, slug, event)).length, before + 1, what);
      await minuteOver();
      const rows = (await logged(portal, slug, event)).slice(before);
      assert.equal(rows.length, 2, what);
      const [first, rest] = rows.map((row) => JSON.parse(String(row['details'])) as Record<string, unknown>);
      assert.equal(rest?.['times'], 3, what);
      assert.equal(rest['reason'], first?.['reason'], what);
      for (const column of ['actor_id', 'actor_tenant_id', 'target_id', 'ip', 'client', 'door', 'level'])
        assert.equal(rows[1]?.[column], rows[0]?.[column], `${what}: ${column}`);
      await clearCounters(portal.database);
    }
    for (const slug of ['acme', 'platform']) assert.equal((await verdictOn(portal, slug)).intact, true);
  });

  it('is told of to the last knock where the clock was ahead meanwhile, and has been put right', async () => {
    portal.clock.move(3 * DAY);
    for (let times = 0; times < 3; times += 1) await knock('acme/uma');
    portal.clock.move(-3 * DAY);
    await knock('acme/uma');
    const rows = await logged(portal, 'acme', 'sign-in.failed');
    assert.equal(rows.length, 3);
    assert.equal((JSON.parse(String(rows[1]?.['details'])) as Record<string, unknown>)['times'], 2);
    portal.clock.move(3 * DAY);
    await knock('acme/uma');
    await knock('acme/uma');
    portal.clock.move(-3 * DAY);
    assert.equal(await writeRepeatsOver(portal.services), 1);
  });

  it('is locked out and told of as before: what is gathered is the log alone', async () => {
    for (let times = 0; times < 5; times += 1) {
      await knock('acme/uma');
    }
    assert.equal((await logged(portal, 'acme', 'account.locked')).length, 1);
    assert.equal((await logged(portal, 'acme', 'sign-in.failed')).length, 1);
    const mails = await portal.inbox.mailsTo('uma@acme.example');
    assert.ok(mails.some(({ event }) => event === 'account-locked'));
  });

  it('is counted wherever the log is: in its list and search, on the overview, in the digest and at the account', async () => {
    for (let times = 0; times < 14; times += 1) await knock('acme/uma');
    await minuteOver();
    const audrey = await portal.signedIn('acme/audrey');
    const list = table(await audrey.get('/admin/security-log?event=sign-in.failed')).map((row) => row.join(' '));
    // Each twice: five wrong passwords, and what came while the account was locked.
    assert.equal(list.length, 4);
    assert.match(list.join(), /Again: 8 more times within a minute.*Again: 4 more times within a minute/);
    assert.equal(table(await audrey.get('/admin/security-log?q=again&within=details')).length, 2);
    const newest = (await rowsOf(portal, 'acme')).filter(({ event }) => event === 'sign-in.failed').at(-1);
    assert.match((await audrey.get(`/admin/security-log/${newest?.id ?? ''}`)).text, /[48] more times within a minute/);
    const adam = await portal.signedIn('acme/adam');
    assert.match((await adam.open('/admin')).text, /14 failed/);
    assert.match((await adam.open(pageOf(portal.idOf('acme/uma')))).text, /14 wrong passwords from/);
    const { tenant } = await contextIn(portal, 'acme');
    const now = portal.clock.now() + 1;
    const digest = await digestOf(portal.database, tenant.id, now - DAY, now);
    assert.match(digest?.unusual ?? '', /Sign-in failed, 14 times in a day/);
  });
});
