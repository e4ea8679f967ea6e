import assert from 'node:assert/strict';
import { QueryTypes } from 'sequelize';
import { User } from '#models/user.js';
import type { Browser } from '../support/browser.js';
import { logged, mailResetLink } from '../support/links.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';
import { newestDetails, pageOf } from '../support/users.js';

describe('Deleting a user', () => {
  let portal: Portal;
  let adam: Browser;
  beforeEach(async () => {
    portal = await startPortal();
    adam = await portal.signedIn('acme/adam');
  });
  afterEach(() => portal.close());

  const remove = (who: string, username: string) => {
    const page = `${pageOf(portal.idOf(who))}/removal`;
    return adam.submit(page, page, { username });
  };

  it('takes the typed username, says what goes, and ends every session', async () => {
    const uma = await portal.signedIn('acme/uma');
    const page = await adam.open(`${pageOf(portal.idOf('acme/uma'))}/removal`);
    assert.equal(page.heading, 'Delete Uma Ndiaye?');
    assert.match(page.text, /cannot be undone/);
    const done = await adam.follow(await remove('acme/uma', ' UMA '));
    assert.equal(done.path, '/admin/users');
    assert.match(done.flash, /has been deleted/);
    assert.doesNotMatch(done.text, /Uma Ndiaye/);
    assert.match((await uma.get('/security')).location, /^\/login/);
    assert.equal((await portal.browser().tryToSignIn('acme/uma', PASSWORD)).status, 422);
    assert.equal((await adam.get(pageOf(portal.idOf('acme/uma')))).status, 404);
    const [event] = await logged(portal, 'acme', 'user.deleted');
    assert.equal(event?.['target_id'], portal.idOf('acme/uma'));
    assert.deepEqual(await newestDetails(portal, 'acme', 'user.deleted'), {
      kind: 'person',
      status: 'active',
      roles: ['User'],
    });
  });

  it('without the right username deletes nothing', async () => {
    for (const typed of ['', 'umar', 'uma@acme.example', 'delete', '＊']) {
      const answer = await remove('acme/uma', typed);
      assert.equal(answer.status, 422, typed);
      assert.notEqual(answer.errorOf('username'), '');
    }
    assert.equal(await User.count({ where: { id: portal.idOf('acme/uma') } }), 1);
  });

  it('leaves neither name nor address in any table, after all that can happen to an account', async () => {
    const page = pageOf(portal.idOf('acme/uma'));
    await adam.submit(page, page, { username: 'umbriel', name: 'Umbriel Nachtigall', email: 'umbriel@night.example' });
    await mailResetLink(portal, 'acme/umbriel');
    await adam.submit(page, page, {
      username: 'umbriel2',
      name: 'Umbriel Nightingale',
      email: 'umbriel2@night.example',
    });
    await portal.browser().tryToSignIn('acme/umbriel2', 'not-the-password-0');
    await portal.signedIn('acme/umbriel2');
    assert.equal((await remove('acme/uma', 'umbriel2')).status, 303);
    for (const table of await tables()) {
      const rows = await portal.database.read(`SELECT * FROM ${table}`, []);
      assert.doesNotMatch(
        JSON.stringify(rows),
        /umbriel|nachtigall|nightingale|night\.example|Uma Ndiaye|uma@/i,
        table,
      );
    }
  });

  it('by two admins at the same moment happens once', async () => {
    const olivia = await portal.signedIn('acme/olivia');
    const page = `${pageOf(portal.idOf('acme/uma'))}/removal`;
    const forms = await Promise.all([adam, olivia].map(async (browser) => (await browser.open(page)).form(page)));
    const answers = await Promise.all(
      [adam, olivia].map((browser, index) => browser.post(page, { ...forms[index], username: 'uma' })),
    );
    assert.deepEqual(answers.map(({ status }) => status).sort(), [303, 404]);
    assert.equal((await logged(portal, 'acme', 'user.deleted')).length, 1);
  });

  async function tables(): Promise<string[]> {
    const { sequelize, dialect } = portal.database;
    const sql =
      dialect === 'postgres'
        ? "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'"
        : "SELECT name FROM sqlite_master WHERE type = 'table'";
    const rows = await sequelize.query<{ name: string }>(sql, { type: QueryTypes.SELECT });
    return rows.map(({ name }) => name);
  }
});
