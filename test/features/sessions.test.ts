import assert from 'node:assert/strict';
import { Session } from '#models/session.js';
import { SecurityPolicy } from '#models/security-policy.js';
import { Tenant } from '#models/tenant.js';
import { UserRole } from '#models/user-role.js';
import { User } from '#models/user.js';
import { HOUR, MINUTE, SECOND } from '#server/lib/clock.js';
import { ANOTHER_TAB, type Browser } from '../support/browser.js';
import { logged } from '../support/links.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';
import { watchStatements } from '../support/statements.js';
import { letInTogether } from '../support/together.js';

describe('A session', () => {
  let portal: Portal;
  before(async () => {
    portal = await startPortal();
  });
  beforeEach(() => Session.destroy({ where: {} }));
  after(() => portal.close());

  const isIn = async (browser: Browser): Promise<boolean> => (await browser.get('/security/sessions')).status === 200;
  const rowOf = (who: string): Promise<Session> =>
    Session.findOne({ where: { userId: portal.idOf(who) }, order: [['id', 'DESC']], rejectOnEmpty: true });

  it('ends thirty minutes after it was last used, and not before', async () => {
    const browser = await portal.signedIn('acme/uma');
    portal.clock.move(30 * MINUTE - SECOND);
    assert.equal(await isIn(browser), true);
    portal.clock.move(30 * MINUTE);
    assert.equal(await isIn(browser), false);
    assert.equal((await rowOf('acme/uma')).endedAt, null, 'By the clock alone, though its row is still open.');
  });

  it('ends twelve hours after the sign-in, however much it is used', async () => {
    const browser = await portal.signedIn('acme/uma');
    for (let passed = 0; passed < 12 * HOUR - 20 * MINUTE; passed += 20 * MINUTE) {
      portal.clock.move(20 * MINUTE);
      assert.equal(await isIn(browser), true, `after ${passed / MINUTE} minutes`);
    }
    portal.clock.move(20 * MINUTE);
    assert.equal(await isIn(browser), false);
  });

  it('follows the times of the policy, from the next request on', async () => {
    const { id: tenantId } = await Tenant.findOne({ where: { slug: 'globex' }, rejectOnEmpty: true });
    const browser = await portal.signedIn('globex/gina');
    portal.clock.move(10 * MINUTE);
    await SecurityPolicy.update({ sessionIdleMinutes: 5 }, { where: { tenantId } });
    assert.equal(await isIn(browser), false);
    await SecurityPolicy.update({ sessionIdleMinutes: 480, sessionMaxHours: 1 }, { where: { tenantId } });
    assert.equal(await isIn(browser), true);
    portal.clock.move(50 * MINUTE);
    assert.equal(await isIn(browser), false);
    await SecurityPolicy.update({ sessionIdleMinutes: 30, sessionMaxHours: 12 }, { where: { tenantId } });
  });

  it('is one of at most twenty: the oldest goes', async () => {
    const browsers: Browser[] = [];
    for (let index = 0; index < 21; index += 1) {
      browsers.push(await portal.signedIn('acme/uma'));
      portal.clock.move(SECOND);
    }
    const alive = await Promise.all(browsers.map(isIn));
    assert.deepEqual(alive, [false, ...Array<boolean>(20).fill(true)]);
    assert.equal(await isIn(await portal.signedIn('acme/umar')), true, 'Another’s do not count.');
  });

  it('is one of no more than that when all sign in at the same moment', async () => {
    await SecurityPolicy.update({ maxSessions: 3 }, { where: {} });
    const browsers = await Promise.all(Array.from({ length: 12 }, () => portal.signedIn('acme/uma')));
    assert.equal((await Promise.all(browsers.map(isIn))).filter(Boolean).length, 3);
    await SecurityPolicy.update({ maxSessions: 20 }, { where: {} });
  });

  it('gets a new id at sign-in, at a confirmation and at a new password, and the old one is worth nothing', async () => {
    const browser = portal.browser();
    const planted = await portal.signedIn('acme/umar');
    browser.cookies.set('gatehouse', planted.cookies.get('gatehouse') ?? '');
    const seen = [browser.cookies.get('gatehouse')];
    const newPassword = 'copper lantern meadow 9';
    const _csrf = await browser.csrf('/security');
    const steps = [
      () => browser.post('/login', { _csrf, organization: 'acme', username: 'uma', password: PASSWORD }),
      () => browser.stepUp(PASSWORD),
      () =>
        browser.submit('/security', '/security/password', {
          currentPassword: PASSWORD,
          newPassword,
          confirmPassword: newPassword,
        }),
    ];
    for (const step of steps) {
      assert.equal((await step()).status, 303);
      seen.push(browser.cookies.get('gatehouse'));
    }
    assert.equal(new Set(seen).size, 4);
    assert.equal(await isIn(browser), true);
    for (const old of seen.slice(0, 3)) {
      const thief = portal.browser();
      thief.cookies.set('gatehouse', old ?? '');
      assert.equal(await isIn(thief), false);
    }
    assert.equal(await isIn(planted), false, 'Whoever was signed in in this browser before is out.');
    assert.equal(await Session.count({ where: { endedAt: null } }), 1);
  });

  it('is dead once its owner signs out, for every copy of its cookie', async () => {
    const browser = await portal.signedIn('acme/audrey');
    const thief = portal.browser();
    thief.cookies.set('gatehouse', browser.cookies.get('gatehouse') ?? '');
    assert.equal(await isIn(thief), true);
    const answer = await browser.submit('/security', '/logout');
    assert.equal(answer.location, '/login');
    assert.equal(answer.headers['clear-site-data'], '"cache", "storage"');
    assert.equal(browser.cookies.has('gatehouse'), false);
    assert.equal((await browser.follow(answer)).flash, 'You are signed out.');
    assert.equal(await isIn(thief), false);
    assert.notEqual((await rowOf('acme/audrey')).endedAt, null);
    assert.equal((await logged(portal, 'acme', 'sign-out')).at(-1)?.['actor_id'], portal.idOf('acme/audrey'));
  });

  it('is not brought back by a request that was under way when it ended', async () => {
    const browser = await portal.signedIn('acme/adam');
    portal.clock.move(2 * MINUTE);
    const copy = portal.browser();
    copy.cookies.set('gatehouse', browser.cookies.get('gatehouse') ?? '');
    const _csrf = await browser.csrf('/security');
    portal.clock.move(2 * MINUTE);
    const asking = (): Promise<unknown>[] => Array.from({ length: 10 }, () => copy.get('/security'));
    await Promise.all([...asking(), browser.post('/logout', { _csrf }), ...asking()]);
    assert.equal(await isIn(copy), false);
    assert.equal(await Session.count({ where: { endedAt: null } }), 0);
  });

  it('is not brought back even by a request that has just been let in when it ends', async () => {
    const browser = await portal.signedIn('acme/adam');
    portal.clock.move(2 * MINUTE);
    const { read } = portal.database;
    portal.database.read = async (sql, bind) => {
      const rows = await read(sql, bind);
      if (sql.includes('s.sid_hash')) await Session.update({ endedAt: 1 }, { where: {} });
      return rows;
    };
    assert.equal(await isIn(browser), true, 'That request is still answered.');
    portal.database.read = read;
    assert.equal(await isIn(browser), false);
    assert.equal(await Session.count({ where: { endedAt: null } }), 0);
  });

  it('ends with the very next request when its user is disabled, changed elsewhere, or the organisation suspended', async () => {
    const where = { id: portal.idOf('globex/gina') };
    const { epoch } = await User.findByPk(where.id, { rejectOnEmpty: true });
    const tenant = await Tenant.findOne({ where: { slug: 'globex' }, rejectOnEmpty: true });
    const changes: [() => Promise<unknown>, () => Promise<unknown>][] = [
      [() => User.update({ status: 'disabled' }, { where }), () => User.update({ status: 'active' }, { where })],
      [() => User.update({ epoch: epoch + 1 }, { where }), () => User.update({ epoch }, { where })],
      [() => tenant.update({ status: 'suspended' }), () => tenant.update({ status: 'active' })],
    ];
    const browser = await portal.signedIn('globex/gina');
    for (const [change, undo] of changes) {
      assert.equal(await isIn(browser), true);
      await change();
      assert.equal(await isIn(browser), false);
      await undo();
    }
  });

  it('gives no right that the user has just lost', async () => {
    const browser = await portal.signedIn('globex/gary');
    assert.equal((await browser.get('/admin/users')).status, 200);
    await UserRole.destroy({ where: { userId: portal.idOf('globex/gary') } });
    assert.equal((await browser.get('/admin/users')).status, 403);
    assert.equal(await isIn(browser), true);
  });

  it('notes when and where it was last seen, once a minute, and nothing else by being used', async () => {
    const browser = await portal.signedIn('acme/olivia');
    const { lastSeenAt, modifiedAt, authenticatedAt } = await rowOf('acme/olivia');
    portal.clock.move(30 * SECOND);
    await browser.get('/security');
    assert.equal((await rowOf('acme/olivia')).lastSeenAt, lastSeenAt);
    portal.clock.move(31 * SECOND);
    await browser.get('/security');
    const row = await rowOf('acme/olivia');
    assert.ok(row.lastSeenAt > lastSeenAt + MINUTE);
    assert.deepEqual([row.modifiedAt, row.authenticatedAt], [modifiedAt, authenticatedAt]);
    const { written } = watchStatements(portal);
    portal.clock.move(61 * SECOND);
    letInTogether(portal, 5);
    await Promise.all(Array.from({ length: 5 }, () => browser.get('/security')));
    assert.equal(written.filter((sql) => sql.includes('UPDATE sessions SET last_seen_at')).length, 1);
  });

  it('gets one new id when two of its tabs confirm at the same moment; the other is asked to try again', async () => {
    const browser = await portal.signedIn('acme/olivia');
    const tab = portal.browser();
    for (const [name, value] of browser.cookies) tab.cookies.set(name, value);
    const form = (await browser.get('/confirm?next=/security')).form('/confirm');
    letInTogether(portal, 2);
    const answers = await Promise.all(
      [browser, tab].map((one) => one.post('/confirm', { ...form, ...ANOTHER_TAB, password: PASSWORD })),
    );
    assert.deepEqual(answers.map(({ status }) => status).sort(), [303, 409]);
    assert.equal((await Promise.all([isIn(browser), isIn(tab)])).filter(Boolean).length, 1);
  });
});
