import assert from 'node:assert/strict';
import { User } from '#models/user.js';
import { startPortal, type Portal } from '../support/portal.js';
import { programOf } from '../support/programs.js';
import { userCalled } from '../support/users.js';

describe('What binds an administrator they do not lift from themselves', () => {
  let portal: Portal;
  let id: string;
  before(async () => {
    portal = await startPortal();
    id = portal.idOf('acme/adam');
  });
  after(() => portal.close());

  const asKept = async (): Promise<string> => {
    const { status, email, mustChangePassword, mustSetUpTwoFactor, roles } = await userCalled(portal, 'acme/adam');
    return JSON.stringify({
      status,
      email,
      mustChangePassword,
      mustSetUpTwoFactor,
      roles: roles?.map((one) => one.id),
    });
  };

  for (const [field, value] of Object.entries({
    mustSetUpTwoFactor: false,
    status: 'disabled',
    email: 'else@acme.example',
    mustChangePassword: true,
  })) {
    it(`not their ${field}, by a program`, async () => {
      await User.update({ mustSetUpTwoFactor: true }, { where: { id } });
      const adam = await programOf(portal, 'acme/adam');
      const before = await asKept();
      const { status } = await adam.patch(`/users/${id}`, { [field]: value });
      assert.ok([403, 422].includes(status), String(status));
      assert.equal(await asKept(), before);
    });
  }

  it('nor their roles', async () => {
    const adam = await programOf(portal, 'acme/adam');
    const { roles } = await userCalled(portal, 'acme/uma');
    const before = await asKept();
    assert.equal((await adam.patch(`/users/${id}`, { roleIds: roles?.map((role) => role.id) })).status, 403);
    assert.equal(await asKept(), before);
  });

  it('nor, on their own page, the mark that they must set up a second factor', async () => {
    await User.update({ mustSetUpTwoFactor: true }, { where: { id } });
    const adam = await portal.signedIn('acme/adam');
    const page = `/admin/users/${id}`;
    const form = { ...(await adam.open(page)).form(page) };
    delete form['mustSetUpTwoFactor'];
    assert.equal((await adam.post(page, form)).status, 403);
    assert.equal((await User.findByPk(id))?.mustSetUpTwoFactor, true);
  });

  it('but what they are called they change', async () => {
    const adam = await programOf(portal, 'acme/adam');
    assert.equal((await adam.patch(`/users/${id}`, { name: 'Adam the Second' })).status, 200);
  });
});
