import assert from 'node:assert/strict';
import { Role } from '#models/role.js';
import { User } from '#models/user.js';
import type { Browser, Fields, Page } from '../support/browser.js';
import { startPortal, type Portal } from '../support/portal.js';
import { giveRoles, roleWith } from '../support/programs.js';
import { addSomebody, userCalled } from '../support/users.js';

describe('To change a role is to act on everybody who holds it', () => {
  let portal: Portal;
  let olivia: Browser;
  let adam: Browser;
  let onCall: Role;
  beforeEach(async () => {
    portal = await startPortal();
    olivia = await portal.signedIn('acme/olivia');
    adam = await portal.signedIn('acme/adam');
    onCall = await roleWith(portal, 'acme', ['users:read'], { name: 'On call' });
  });
  afterEach(() => portal.close());

  const change = (browser: Browser, fields: Fields): Promise<Page> =>
    browser.submit(`/admin/roles/${onCall.id}`, `/admin/roles/${onCall.id}`, fields);
  const alsoHeldBy = async (who: string): Promise<void> => {
    const user = await userCalled(portal, who);
    await giveRoles(user, [...(user.roles ?? []), onCall]);
  };

  it('so an admin cannot take the writes of an owner who holds it, nor demand a second factor of them', async () => {
    await alsoHeldBy('acme/olivia');
    assert.equal((await change(adam, { readOnly: 'on' })).status, 403);
    assert.equal((await change(adam, { requiresTwoFactor: 'on' })).status, 403);
    // What changes nobody's standing is theirs to change.
    assert.equal((await change(adam, { description: 'At night' })).status, 303);
    assert.equal((await olivia.get('/admin/users/new')).status, 200);
  });

  it('but can of those within reach', async () => {
    await alsoHeldBy('acme/uma');
    assert.equal((await change(adam, { requiresTwoFactor: 'on' })).status, 303);
    assert.equal((await change(adam, { readOnly: 'on' })).status, 303);
  });

  it('and a demand that binds oneself is lifted by somebody else', async () => {
    await alsoHeldBy('acme/adam');
    assert.equal((await change(adam, { requiresTwoFactor: 'on' })).status, 303);
    assert.equal((await change(await portal.signedIn('acme/adam'), { requiresTwoFactor: [] })).status, 403);
    assert.equal((await change(olivia, { requiresTwoFactor: [] })).status, 303);
  });

  describe('There is always an owner who can do all', () => {
    const last = /last active owner/;

    it('whoever makes the role of the last one read-only', async () => {
      await alsoHeldBy('acme/olivia');
      const answer = await change(olivia, { readOnly: 'on' });
      assert.deepEqual([answer.status, last.test(answer.alert)], [422, true]);
    });

    it('whoever deletes themselves while the other owner can do nothing', async () => {
      const brake = await roleWith(portal, 'acme', [], { name: 'Brake', readOnly: true });
      const other = await addSomebody(portal, 'acme/oona', 'owner');
      await User.update({ passwordHash: 'a hash' }, { where: { id: other.id } });
      const owner = await Role.findOne({ where: { tenantId: other.tenantId, key: 'owner' }, rejectOnEmpty: true });
      await giveRoles(other, [owner, brake]);
      assert.match((await removeOneself(olivia)).alert, last);
      await giveRoles(other, [owner]);
      await User.update({ resetHeld: true, passwordHash: null }, { where: { id: other.id } });
      assert.match((await removeOneself(olivia)).alert, last);
      await User.update({ resetHeld: false, passwordHash: 'a hash' }, { where: { id: other.id } });
      assert.equal((await removeOneself(olivia)).status, 303);
    });
  });
});

async function removeOneself(browser: Browser): Promise<Page> {
  // Whoever cannot be removed is told so in place of the form: it is sent as one that was opened before.
  return browser.post('/account/removal', {
    _csrf: await browser.csrf('/account/removal'),
    username: 'olivia',
    password: 'plum-harbour-violet-84',
  });
}
