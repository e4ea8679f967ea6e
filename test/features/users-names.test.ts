import assert from 'node:assert/strict';
import { User } from '#models/user.js';
import { ANOTHER_TAB, type Browser, type Fields } from '../support/browser.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';
import { pageOf, userCalled } from '../support/users.js';

const IRIS = { username: 'iris', name: 'Iris Ivanova', email: 'iris@acme.example' };
const LIGATURE = '\ufdfa'; // one character that NFKC makes eighteen of

describe('Names and addresses of users', () => {
  let portal: Portal;
  let adam: Browser;
  before(async () => {
    portal = await startPortal();
    adam = await portal.signedIn('acme/adam');
  });
  after(() => portal.close());

  const add = (fields: Fields) => adam.submit('/admin/users/new', '/admin/users', { ...IRIS, ...fields });

  it('are refused when somebody has them, in whatever case, width or spacing', async () => {
    for (const username of ['uma', 'Uma', 'UMA', 'ｕｍａ', 'uma ', ' uma']) {
      const answer = await add({ username });
      assert.equal(answer.status, 422, username);
      assert.match(answer.errorOf('username'), /has this username/);
      assert.ok(answer.links().includes('#field-username'));
    }
    for (const email of ['uma@acme.example', 'UMA@Acme.Example', 'ｕｍａ@acme.example']) {
      assert.match((await add({ email })).errorOf('email'), /has this e-mail address/);
    }
    assert.equal(await User.count({ where: { username: 'iris' } }), 0);
  });

  it('are refused to a second account of the same look: other cases, hidden characters, the domain in its own letters', async () => {
    const first = { username: 'Straße', name: 'Iris', email: 'iris@münchen.example' };
    assert.equal((await add(first)).status, 303);
    for (const username of ['STRASSE', 'strasse', 'STRAẞE', ' straße\u00a0'])
      assert.match(
        (await add({ username, email: 'x@acme.example' })).errorOf('username'),
        /has this username/,
        username,
      );
    for (const email of ['iris@xn--mnchen-3ya.example', 'IRIS@MÜNCHEN.example', '\u200biris@mün\u00adchen.example. '])
      assert.match((await add({ username: 'ivo', email })).errorOf('email'), /has this e-mail address/, email);
    for (const username of ['ad\u0430m', 'uma\u03bf'])
      assert.match((await add({ username, email: 'x@acme.example' })).errorOf('username'), /one script/, username);
    await User.destroy({ where: { username: 'Straße' } });
  });

  it('sign in however their domain and case are spelt', async () => {
    await adam.submit(pageOf(portal.idOf('acme/umar')), pageOf(portal.idOf('acme/umar')), {
      username: 'सुनीता',
      email: 'umar@münchen.example',
    });
    for (const name of [
      'सुनीता',
      'umar@münchen.example',
      'UMAR@xn--mnchen-3ya.example.',
      '\u200bumar@münchen.example',
    ]) {
      const browser = portal.browser();
      assert.equal((await browser.signIn(`ＡＣＭＥ\u00a0/${name}`, PASSWORD)).status, 303, name);
    }
    await adam.submit(pageOf(portal.idOf('acme/umar')), pageOf(portal.idOf('acme/umar')), {
      username: 'umar',
      email: 'umar@acme.example',
    });
  });

  it('of before, in two scripts, may be kept by who has one', async () => {
    const uma = pageOf(portal.idOf('acme/uma'));
    await User.update({ username: 'um\u0430', usernameKey: 'um\u0430' }, { where: { id: portal.idOf('acme/uma') } });
    assert.equal((await adam.submit(uma, uma, { name: 'Uma N' })).status, 303);
    assert.match((await adam.submit(uma, uma, { username: 'um\u0430n' })).errorOf('username'), /one script/);
    await adam.submit(uma, uma, { username: 'uma', name: 'Uma Ndiaye' });
  });

  it('may be the same in another organisation', async () => {
    assert.equal((await add({ username: 'gina', email: 'gina@globex.example' })).status, 303);
  });

  it('are refused with the reason when they cannot be ones', async () => {
    assert.match((await add({ username: 'ir:is' })).errorOf('username'), /colon, because HTTP Basic/);
    assert.match((await add({ username: 'iris@acme' })).errorOf('username'), /cannot contain @/);
    for (const username of ['', '-iris', 'ir is', 'ir\u200bis', 'x'.repeat(65), '<b>', 'iris\u0000']) {
      const answer = await add({ username });
      assert.equal(answer.status, 422, JSON.stringify(username));
      assert.notEqual(answer.errorOf('username'), '');
    }
    for (const email of ['', 'iris', 'iris@acme', 'i ris@acme.example', `${'x'.repeat(250)}@a.example`]) {
      assert.notEqual((await add({ email })).errorOf('email'), '', email);
    }
    for (const name of ['', '   ', 'x'.repeat(101), 'Iris\u202e', 'Iris\u0000']) {
      assert.notEqual((await add({ name })).errorOf('name'), '', JSON.stringify(name));
    }
  });

  it('may hold what other writings need, as long as their plain form is', async () => {
    const page = await adam.follow(
      await add({ username: '佐藤', email: 'sato@acme.example', name: LIGATURE.repeat(100) }),
    );
    assert.equal(page.status, 200);
    assert.equal((await add({ email: `${LIGATURE.repeat(60)}@acme.example` })).status, 422);
  });

  it('are taken once when two admins ask for the same at the same moment', async () => {
    const form = { ...(await adam.open('/admin/users/new')).form('/admin/users'), ...ANOTHER_TAB, ...IRIS };
    const answers = await Promise.all([0, 1, 2].map(() => adam.post('/admin/users', form)));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [303, 422, 422]);
    const names = [IRIS.username, 'Iris2', 'iris3'];
    const alike = await Promise.all(names.map((username) => adam.post('/admin/users', { ...form, username })));
    assert.ok(alike.every(({ status }) => status === 422));
    assert.equal(await User.count({ where: { username: 'iris' } }), 1);
  });

  it('are refused in an account that is changed, too; its own it may keep', async () => {
    const uma = pageOf(portal.idOf('acme/uma'));
    const taken = await adam.submit(uma, uma, { username: 'UMAR', email: 'umar@acme.example' });
    assert.equal(taken.status, 422);
    assert.match(taken.errorOf('username'), /has this username/);
    assert.match(taken.errorOf('email'), /has this e-mail address/);
    assert.match((await adam.submit(uma, uma, { username: 'u:ma' })).errorOf('username'), /colon/);
    assert.equal((await adam.submit(uma, uma, { username: 'Uma' })).status, 303);
    const { username, usernameKey, searchKey } = await userCalled(portal, 'acme/Uma');
    assert.deepEqual([username, usernameKey, searchKey], ['Uma', 'uma', 'uma ndiaye uma uma@acme.example']);
    const races = ['Umar', 'umar2'].map((name) => adam.submit(uma, uma, { username: name }));
    assert.deepEqual((await Promise.all(races)).map(({ status }) => status).sort(), [303, 422]);
  });

  it('come one by one: lists, strange fields and missing ones are refused, and nothing is half done', async () => {
    const form = (await adam.open('/admin/users/new')).form('/admin/users');
    const good = { ...form, username: 'ivo', name: 'Ivo', email: 'ivo@acme.example' };
    const bad: Fields[] = [
      { username: ['ivo', 'ivan'] },
      { name: ['Ivo', 'Ivan'] },
      { email: ['ivo@acme.example', 'ivan@acme.example'] },
      { kind: 'root' },
      { onboarding: 'both' },
      { roleIds: 'owner' },
      { roleIds: ['', '1'] },
      { status: 'active' },
      { tenantId: portal.idOf('globex/gina') },
      { passwordHash: 'x' },
    ];
    for (const fields of bad) {
      assert.equal((await adam.post('/admin/users', { ...good, ...fields })).status, 422, JSON.stringify(fields));
    }
    const { _csrf } = good as unknown as { _csrf: string };
    const empty = await adam.post('/admin/users', { _csrf });
    assert.equal(empty.status, 422);
    assert.match(empty.alert, /the name.*username.*e-mail/s);
    assert.equal(await User.count({ where: { username: 'ivo' } }), 0);
  });
});
