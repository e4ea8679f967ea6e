import assert from 'node:assert/strict';
import { Passkey } from '#models/passkey.js';
import { User } from '#models/user.js';
import { routes } from '#server/features/index.js';
import type { Browser, Fields } from '../support/browser.js';
import { givePasskeys } from '../support/passkeys.js';
import { tokenFor } from '../support/programs.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';
import { addSomebody, pageOf, roleId, userCalled } from '../support/users.js';

const WRITES = ['', '/unlock', '/invitation', '/password-reset', '/password-expiry', '/sessions/removal', '/removal'];

describe('How far an admin of users can reach', () => {
  let portal: Portal;
  const browsers = new Map<string, Browser>();
  before(async () => {
    portal = await startPortal();
    for (const who of ['olivia', 'adam', 'audrey', 'uma']) browsers.set(who, await portal.signedIn(`acme/${who}`));
  });
  after(() => portal.close());

  const as = (who: string): Browser => browsers.get(who)!;
  const press = async (who: string, path: string, fields: Fields = {}) =>
    as(who).post(path, { _csrf: await as(who).csrf('/security'), ...fields });
  const valid = async (who: string): Promise<Fields> => {
    const { username, name, email, roles } = await userCalled(portal, who);
    return { username, name, email, roleIds: roles!.map(({ id }) => id) };
  };
  /** Everything about the users of an organisation that these pages can change. */
  const snapshot = async () =>
    JSON.stringify(
      await User.findAll({ attributes: { exclude: ['lastSignedInAt'] }, include: 'roles', order: ['id'] }),
    );

  it('ends at the organisation: the ids of another one are not there, on any of the pages', async () => {
    const before = await snapshot();
    for (const id of [
      portal.idOf('globex/gina'),
      portal.idOf('platform/opal'),
      '00000000-0000-7000-8000-000000000000',
      'x',
      "'",
    ]) {
      for (const path of ['', '/removal'])
        assert.equal((await as('olivia').get(pageOf(id) + path)).status, 404, id + path);
      for (const path of WRITES) {
        const fields =
          path === ''
            ? { username: 'gina', name: 'Gina', email: 'g@g.example', roleIds: await roleId(portal, 'globex', 'user') }
            : {};
        assert.equal((await press('olivia', pageOf(id) + path, fields)).status, 404, id + path);
      }
    }
    const list = await as('olivia').open(`/admin/users?q=gina&roleId=${await roleId(portal, 'globex', 'user')}`);
    assert.match(list.text, /No user matches/);
    assert.equal(await snapshot(), before);
  });

  it('begins with the right to see users: a plain user sees no page of this', async () => {
    const uma = pageOf(portal.idOf('acme/uma'));
    for (const path of ['/admin', '/admin/users', '/admin/users/new', uma, `${uma}/removal`]) {
      assert.equal((await as('uma').get(path)).status, 403, path);
    }
    for (const path of WRITES)
      assert.equal((await press('uma', uma + path, await valid('acme/uma'))).status, 403, path);
    assert.ok(!(await as('uma').open('/security')).links().some((href) => href.startsWith('/admin')));
  });

  it('of an auditor is looking: no form, no button, and no request changes anything', async () => {
    const uma = pageOf(portal.idOf('acme/uma'));
    const page = await as('audrey').open(uma);
    assert.match(page.text, /uma@acme\.example/);
    assert.deepEqual(
      page.forms().filter((action) => action !== '/logout'),
      [],
    );
    assert.ok(!page.links().some((href) => href.endsWith('/removal')));
    assert.ok(!(await as('audrey').open('/admin/users')).links().includes('/admin/users/new'));
    const before = await snapshot();
    for (const path of WRITES)
      assert.equal((await press('audrey', uma + path, await valid('acme/uma'))).status, 403, path);
    const iris = {
      username: 'iris',
      name: 'Iris',
      email: 'iris@acme.example',
      roleIds: await roleId(portal, 'acme', 'user'),
    };
    assert.equal((await press('audrey', '/admin/users', iris)).status, 403);
    for (const path of ['/admin/users/new', `${uma}/removal`])
      assert.equal((await as('audrey').get(path)).status, 403, path);
    assert.equal(await snapshot(), before);
  });

  it('ends below an owner, for an admin: nothing of the owner can be changed', async () => {
    const olivia = pageOf(portal.idOf('acme/olivia'));
    const page = await as('adam').open(olivia);
    assert.match(page.text, /You can look at this account, and not change it/);
    assert.deepEqual(
      page.forms().filter((action) => action !== '/logout'),
      [],
    );
    const before = await snapshot();
    for (const path of WRITES) {
      const fields = path === '' ? await valid('acme/olivia') : path === '/removal' ? { username: 'olivia' } : {};
      assert.equal((await press('adam', olivia + path, fields)).status, 403, path);
    }
    assert.equal(await snapshot(), before);
    assert.equal((await as('olivia').get('/security')).status, 200);
  });

  it('is known before the question: nobody is asked what they would be refused', async () => {
    const { id } = await tokenFor(portal, 'acme/olivia');
    const owner = await userCalled(portal, 'acme/olivia');
    await givePasskeys(portal, owner, 1);
    const { id: key } = await Passkey.findOne({ where: { userId: owner.id }, rejectOnEmpty: true });
    const paths = routes
      .filter(({ method, path }) => method === 'get' && /^\/admin\/(users|credentials)\/:.*removal$/.test(path))
      .map(({ path }) =>
        path.replace(':passkeyId', key).replace(':id', path.includes('/credentials/:') ? id : owner.id),
      );
    assert.equal(paths.length, 5, paths.join());
    for (const path of paths) {
      const { status, text } = await as('adam').get(path);
      assert.deepEqual(
        [status, /ask somebody who may do as much|it may do more than yours/i.test(text)],
        [403, true],
        path,
      );
    }
  });

  it('does not go beyond what the granter may do: an owner is made by an owner alone', async () => {
    const owner = await roleId(portal, 'acme', 'owner');
    const uma = pageOf(portal.idOf('acme/uma'));
    const offered = await as('adam').open(uma);
    assert.ok(offered.document.querySelector(`input[value="${owner}"]`)?.hasAttribute('disabled'));
    assert.equal((await press('adam', uma, { ...(await valid('acme/uma')), roleIds: owner })).status, 403);
    const iris = { username: 'iris', name: 'Iris', email: 'iris@acme.example', roleIds: owner };
    assert.equal((await press('adam', '/admin/users', iris)).status, 403);
    assert.equal(await User.count({ where: { username: 'iris' } }), 0);
    const otto = await addSomebody(portal, 'acme/otto', 'user');
    assert.equal(
      (await press('olivia', pageOf(otto.id), { ...(await valid('acme/otto')), roleIds: owner })).status,
      303,
    );
    assert.equal((await userCalled(portal, 'acme/otto')).roles![0]!.key, 'owner');
  });

  it('stops before oneself: not one’s roles, status, sessions or deletion, and the address only on the profile', async () => {
    const adam = pageOf(portal.idOf('acme/adam'));
    const page = await as('adam').open(adam);
    assert.match(page.text, /This is your own account/);
    for (const name of ['roleIds', 'status']) assert.equal(page.document.querySelector(`[name=${name}]`), null, name);
    for (const path of ['/password-expiry', '/sessions/removal', '/removal']) {
      assert.equal(
        (await press('adam', adam + path, path === '/removal' ? { username: 'adam' } : {})).status,
        403,
        path,
      );
    }
    const own = await valid('acme/adam');
    assert.equal((await press('adam', adam, { ...own, status: 'disabled' })).status, 403);
    assert.equal((await press('adam', adam, { ...own, roleIds: await roleId(portal, 'acme', 'user') })).status, 403);
    const moved = await press('adam', adam, { ...own, email: 'adam@evil.example' });
    assert.match(moved.errorOf('email'), /on your profile/);
    assert.equal((await as('adam').submit(adam, adam, { name: 'Adam A. Arslan' })).status, 303);
    assert.equal((await userCalled(portal, 'acme/adam')).name, 'Adam A. Arslan');
    assert.equal((await as('adam').get('/security')).status, 200);
  });

  it('meets the same rules in the platform, where the top is the operator', async () => {
    const opal = await portal.signedIn('platform/opal');
    const page = await opal.open('/admin/users/new');
    assert.match(page.text, /Operator/);
    const nora = {
      username: 'nora',
      name: 'Nora',
      email: 'nora@platform.example',
      onboarding: 'password',
      password: 'quiet-lantern-orchard-57',
    };
    const admin = await roleId(portal, 'platform', 'admin');
    assert.equal((await opal.submit('/admin/users/new', '/admin/users', { ...nora, roleIds: admin })).status, 303);
    await User.update({ mustChangePassword: false }, { where: { username: 'nora' } });
    const browser = await portal.signedIn('platform/nora', nora.password);
    const opals = pageOf(portal.idOf('platform/opal'));
    assert.equal(
      (await browser.post(`${opals}/password-reset`, { _csrf: await browser.csrf('/security') })).status,
      403,
    );
    assert.equal((await browser.open(opals)).forms().includes(opals), false);
    await portal.browser().signIn('platform/opal', PASSWORD);
  });
});
