import assert from 'node:assert/strict';
import { Op } from 'sequelize';
import { OutboxMessage } from '#models/outbox-message.js';
import { Role } from '#models/role.js';
import { User } from '#models/user.js';
import { UserRole } from '#models/user-role.js';
import type { Browser, Page } from '../support/browser.js';
import { contextIn, logged, mailResetLink } from '../support/links.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';

describe('Deleting one’s own account', () => {
  let portal: Portal;
  beforeEach(async () => {
    portal = await startPortal();
  });
  afterEach(() => portal.close());

  const remove = (browser: Browser, username: string, password = PASSWORD): Promise<Page> =>
    browser.submit('/account/removal', '/account/removal', { username, password });
  const exists = async (who: string): Promise<boolean> => (await User.count({ where: { id: portal.idOf(who) } })) === 1;
  const makeOwner = async (who: string): Promise<void> => {
    const { tenant } = await contextIn(portal, 'acme');
    const role = await Role.factory(tenant.id, 'owner');
    await UserRole.create({ tenantId: tenant.id, userId: portal.idOf(who), roleId: role.id });
  };

  it('says plainly what goes, then deletes it, ends every session and says so', async () => {
    const browser = await portal.signedIn('acme/uma');
    const other = await portal.signedIn('acme/uma');
    const page = await browser.open('/account/removal');
    assert.match(page.text, /cannot be undone/);
    assert.match(page.text, /name, e-mail address, password/);
    const answer = await remove(browser, ' UMA ');
    assert.equal(answer.status, 303);
    assert.equal(answer.location, '/login?organization=acme');
    assert.match(answer.headers['clear-site-data'] ?? '', /storage/);
    assert.equal(browser.cookies.has('gatehouse'), false);
    assert.match((await browser.follow(answer)).flash, /account has been deleted/);
    assert.equal(await exists('acme/uma'), false);
    assert.match((await other.get('/security')).location, /^\/login/);
    assert.equal((await portal.browser().tryToSignIn('acme/uma', PASSWORD)).status, 422);
  });

  it('leaves nothing personal behind: the log keeps the id alone', async () => {
    await mailResetLink(portal, 'acme/uma');
    const browser = await portal.signedIn('acme/uma');
    await browser.submit('/profile', '/profile', { email: 'uma@new.example', name: 'Uma Unmistakable' });
    assert.ok((await OutboxMessage.count({ where: { userId: portal.idOf('acme/uma') } })) >= 3);
    await remove(browser, 'uma');
    assert.equal(
      await OutboxMessage.count({
        where: { [Op.or]: [{ userId: portal.idOf('acme/uma') }, { recipient: { [Op.like]: 'uma@%' } }] },
      }),
      0,
    );
    const [event] = await logged(portal, 'acme', 'account.deleted');
    assert.equal(event?.['target_id'], portal.idOf('acme/uma'));
    assert.equal(event['details'], '{}');
    const rows = JSON.stringify(await portal.database.read('SELECT * FROM security_events', []));
    assert.doesNotMatch(rows, /Unmistakable|Ndiaye|uma@/);
    for (const table of ['sessions', 'links', 'password_history', 'user_roles', 'known_browsers']) {
      assert.deepEqual(
        await portal.database.read(`SELECT * FROM ${table} WHERE user_id = $1`, [portal.idOf('acme/uma')]),
        [],
        table,
      );
    }
  });

  it('wants the username typed and the password, and says which is wrong', async () => {
    const browser = await portal.signedIn('acme/uma');
    assert.match((await remove(browser, 'umar')).errorOf('username'), /not your username/);
    const wrong = await remove(browser, 'uma', 'wrong-wrong-wrong');
    assert.equal(wrong.status, 422);
    assert.match(wrong.errorOf('password'), /not your current password/);
    assert.equal(wrong.valueOf('username'), 'uma');
    assert.equal(wrong.valueOf('password'), '');
    const empty = await remove(browser, '', '');
    assert.notEqual(empty.errorOf('username'), '');
    assert.notEqual(empty.errorOf('password'), '');
    const _csrf = empty.valueOf('_csrf');
    for (const bad of [
      { username: ['uma', 'uma'] },
      { username: 'uma\0' },
      { id: portal.idOf('acme/umar') },
      { code: '12' },
    ]) {
      assert.equal(
        (await browser.post('/account/removal', { _csrf, username: 'uma', password: PASSWORD, ...bad })).status,
        422,
        JSON.stringify(bad),
      );
    }
    assert.equal((await browser.post('/account/removal', { username: 'uma', password: PASSWORD })).status, 403);
    assert.equal(await exists('acme/uma'), true);
    assert.equal(
      (await browser.post('/account/removal', { _csrf, username: 'uma', password: PASSWORD, code: '' })).status,
      303,
    );
  });

  it('lets nobody at an open browser guess the password at leisure', async () => {
    const browser = await portal.signedIn('acme/uma');
    for (let guess = 0; guess < 5; guess += 1) await remove(browser, 'uma', `guess-guess-guess-${guess}`);
    assert.equal((await remove(browser, 'uma')).status, 429);
    assert.equal(await exists('acme/uma'), true);
  });

  it('tells the last owner of an organisation at once why it cannot be, and what to do; a form of before is refused', async () => {
    const olivia = await portal.signedIn('acme/olivia');
    const told = await olivia.open('/account/removal');
    assert.match(told.text, /last active owner of Acme.*somebody else owner/);
    assert.equal(told.document.querySelector('form[action="/account/removal"]'), null);
    const sent = { username: 'olivia', password: PASSWORD, code: '', _csrf: await olivia.csrf('/security') };
    const answer = await olivia.post('/account/removal', sent);
    assert.equal(answer.status, 422);
    assert.match(answer.alert, /last active owner.*somebody else owner/);
    assert.equal((await olivia.get('/security')).status, 200, 'nothing has happened');
    await makeOwner('acme/adam');
    assert.equal((await remove(olivia, 'olivia')).status, 303);
    const opal = await portal.signedIn('platform/opal');
    assert.match((await opal.open('/account/removal')).text, /last active operator/);
  });

  it('leaves one of two owners who delete themselves at the same moment', async () => {
    await makeOwner('acme/adam');
    const olivia = await portal.signedIn('acme/olivia');
    const adam = await portal.signedIn('acme/adam');
    const answers = await Promise.all([remove(olivia, 'olivia'), remove(adam, 'adam')]);
    assert.deepEqual(answers.map(({ status }) => status).sort(), [303, 422]);
    assert.equal([await exists('acme/olivia'), await exists('acme/adam')].filter(Boolean).length, 1);
  });

  it('happens once, also when it is sent twice', async () => {
    const browser = await portal.signedIn('acme/uma');
    const fields = {
      ...(await browser.open('/account/removal')).form('/account/removal'),
      username: 'uma',
      password: PASSWORD,
    };
    const answers = await Promise.all([
      browser.post('/account/removal', fields),
      browser.post('/account/removal', fields),
    ]);
    assert.ok(answers.every(({ location }) => location === '/login?organization=acme'));
    assert.equal((await logged(portal, 'acme', 'account.deleted')).length, 1);
  });
});
