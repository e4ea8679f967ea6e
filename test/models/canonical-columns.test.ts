import assert from 'node:assert/strict';
import { Role } from '#models/role.js';
import { User } from '#models/user.js';
import { startPortal, type Portal } from '../support/portal.js';

describe('The canonical columns of a name', () => {
  let portal: Portal;
  before(async () => {
    portal = await startPortal();
  });
  after(() => portal.close());

  it('follow a user who is renamed, so that search and the unique index see the new name', async () => {
    const user = await User.findByPk(portal.idOf('acme/uma'), { rejectOnEmpty: true });
    await user.update({ name: 'Ｕma Áke', username: 'UMA.Ake' });
    await user.reload();
    assert.equal(user.nameKey, 'uma ake');
    assert.equal(user.usernameKey, 'uma.ake');
    assert.equal(user.searchKey, 'uma ake uma.ake uma@acme.example');
  });

  it('stay as they are when something else of the user changes', async () => {
    await User.update({ theme: 'dark' }, { where: { id: portal.idOf('acme/umar') } });
    const user = await User.findByPk(portal.idOf('acme/umar'), { rejectOnEmpty: true });
    assert.equal(user.usernameKey, 'umar');
  });

  it('follow a role that is renamed', async () => {
    const role = await Role.findOne({ where: { key: 'auditor' }, rejectOnEmpty: true });
    await role.update({ name: 'Prüfer  Team' });
    await role.reload();
    assert.equal(role.nameKey, 'prüfer team');
  });
});
