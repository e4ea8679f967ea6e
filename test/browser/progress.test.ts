import assert from 'node:assert/strict';
import { Role } from '#models/role.js';
import { giveRoles, programOf } from '../support/programs.js';
import { userCalled } from '../support/users.js';
import { servePortal, type ServedPortal } from './support.js';

describe('A page that shows how far something is', () => {
  let portal: ServedPortal;
  before(async () => {
    portal = await servePortal();
  });
  after(() => portal.close());

  it('tells who may see it no more that they may not, and does not stand still', async () => {
    const olivia = await programOf(portal, 'acme/olivia');
    const asked = { action: 'end-sessions', ids: [portal.idOf('acme/uma')] };
    const { body } = await olivia.post('/users/bulk', asked);
    await olivia.post('/users/bulk', { confirmed: body['id'] });
    const tab = await portal.tabOf('acme/adam');
    await tab.page.goto(`/admin/users/bulk/${String(body['id'])}`);
    await tab.page.getByText('It goes on when you leave this page').waitFor();
    const adam = await userCalled(portal, 'acme/adam');
    await giveRoles(adam, [await Role.factory(adam.tenantId, 'user')]);
    await tab.page.getByRole('heading', { name: 'You are not allowed to do this' }).waitFor({ timeout: 60_000 });
    assert.equal(await tab.page.getByText('It goes on when you leave this page').count(), 0);
    await tab.close();
  });
});
