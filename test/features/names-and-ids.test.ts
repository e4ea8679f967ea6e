import assert from 'node:assert/strict';
import { Role } from '#models/role.js';
import { User } from '#models/user.js';
import type { Browser } from '../support/browser.js';
import { startPortal, type Portal } from '../support/portal.js';
import { freshSshKey, generateFor, programOf, withBasic } from '../support/programs.js';
import type { Program } from '../support/program.js';
import { addSomebody, pageOf, roleId, userCalled } from '../support/users.js';

/** What is a number to some reader, and has a letter or another sign in it. */
const LIKE_NUMBERS = ['1e3', '0x10', '1_000', '1.5', '0b11', '0o17', '1e-3', '12-34', '1e999', '08a'];
/** What a reader of numbers takes, and nobody can be called. */
const NUMBERS = ['1000', '+5', '-5', '007', '１０', '٣', '1 000', '.5', '5.'];

describe('A name is never taken for an id, where either will do', () => {
  let portal: Portal;
  let adam: Browser;
  let reader: Program;
  let count = 0;
  before(async () => {
    portal = await startPortal();
    adam = await portal.signedIn('acme/adam');
    reader = await programOf(portal, 'acme/olivia');
  });
  after(() => portal.close());

  const add = (username: string) =>
    adam.submit('/admin/users/new', '/admin/users', {
      ...{ username, name: 'Iris', email: `iris${(count += 1)}@acme.example` },
    });

  for (const username of LIKE_NUMBERS)
    it(`and ${username} is a name like any other at every door`, async () => {
      const who = `acme/${username}`;
      const { id } = await addSomebody(portal, who, 'user');
      const browser = await portal.signedIn(who);
      assert.match(
        (await browser.open('/profile')).text,
        new RegExp(`Your username is ${username.replace('.', '\\.')}`),
      );
      await browser.submit('/security/ssh-keys', '/security/ssh-keys', { name: 'laptop', publicKey: freshSshKey() });
      assert.match((await reader.get(`/ssh-keys/acme/${username}`)).text, /^ssh-ed25519/);
      const basic = withBasic(portal, who, await generateFor(portal, who, 'password'));
      assert.equal((await basic.get('/me')).body['id'], id);
      const rows = await reader.all(`/security-log?actor=${username}`);
      assert.ok(rows.length > 0);
      assert.ok(
        rows.every((row) => JSON.stringify(row).includes(id)),
        'of nobody else',
      );
      const found = await reader.all(`/users?q=${username}`);
      assert.ok(found.some((one) => one['id'] === id));
      const csv = `username,name,email\n${username},Renamed,${String(found.find((one) => one['id'] === id)?.['email'])}`;
      const { body } = await reader.post('/users/import', { csv, dryRun: true });
      const [row] = await reader.all(`/users/bulk/${String(body['id'])}/rows`);
      assert.deepEqual([row?.['userId'], row?.['state']], [id, 'waiting'], 'a change of that very account');
      assert.equal((await reader.get(`/users/${username}`)).status, 404, 'An id alone stands in a path of ids.');
      assert.equal((await adam.get(pageOf(username))).status, 404);
    });

  it('and nobody is called what is a number', async () => {
    for (const username of NUMBERS) assert.equal((await add(username)).status, 422, username);
    assert.equal(await User.count({ where: { name: 'Iris' } }), 0);
  });

  it('nor what has the form of an id, in whatever case: neither an account nor a role', async () => {
    const olivia = portal.idOf('acme/olivia');
    const role = await roleId(portal, 'acme', 'auditor');
    for (const shape of [olivia, olivia.toUpperCase(), '00000000-0000-0000-0000-000000000000']) {
      const refused = await add(shape);
      assert.equal(refused.status, 422, shape);
      assert.match(refused.errorOf('username'), /form of an id/);
      const path = pageOf(portal.idOf('acme/uma'));
      assert.match((await adam.submit(path, path, { username: shape })).errorOf('username'), /form of an id/);
    }
    for (const name of [role, role.toUpperCase()]) {
      const made = await reader.post('/roles', { name, permissions: ['users:read'] });
      assert.equal(made.status, 422, name);
    }
    assert.equal(await Role.count({ where: { nameKey: role } }), 0);
    // Whoever is asked for by an id is that one.
    const rows = await reader.all(`/security-log?actor=${olivia}`);
    assert.ok(rows.every((row) => JSON.stringify(row).includes(olivia)));
    assert.equal((await userCalled(portal, 'acme/olivia')).id, olivia);
  });
});
