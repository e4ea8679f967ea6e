import assert from 'node:assert/strict';
import { newId } from '#models/columns.js';
import { Role } from '#models/role.js';
import { UserRole } from '#models/user-role.js';
import type { Browser, Fields, Page } from '../support/browser.js';
import { logged } from '../support/links.js';
import { startPortal, type Portal } from '../support/portal.js';
import { giveRoles, programOf, roleWith } from '../support/programs.js';
import { roleId, userCalled } from '../support/users.js';

describe('A role that people hold is removed', () => {
  let portal: Portal;
  let olivia: Browser;
  let desk: Role;
  beforeEach(async () => {
    portal = await startPortal();
    olivia = await portal.signedIn('acme/olivia');
    desk = await roleWith(portal, 'acme', ['users:read'], { name: 'Help desk' });
    await giveRoles(await userCalled(portal, 'acme/uma'), [desk]);
  });
  afterEach(() => portal.close());

  const remove = (fields: Fields, browser = olivia): Promise<Page> =>
    browser.submit(`/admin/roles/${desk.id}`, `/admin/roles/${desk.id}/removal`, fields);
  const rolesOf = async (who: string): Promise<string[]> =>
    ((await userCalled(portal, who)).roles ?? []).map(({ name }) => name);

  it('with another in its place, which everybody gets who held it, and signs in again', async () => {
    const uma = await portal.signedIn('acme/uma');
    assert.equal((await remove({})).status, 422);
    assert.equal((await remove({ replacementRoleId: await roleId(portal, 'acme', 'user') })).status, 303);
    assert.deepEqual(await rolesOf('acme/uma'), ['User']);
    assert.equal(await Role.count({ where: { id: desk.id } }), 0);
    assert.match((await uma.get('/security')).location, /^\/login/);
    const given = await UserRole.findOne({ where: { userId: portal.idOf('acme/uma') }, rejectOnEmpty: true });
    assert.equal(given.grantedBy, portal.idOf('acme/olivia'));
    assert.ok((given.grantedAt ?? 0) > portal.clock.now() - 60_000);
    const rows = await logged(portal, 'acme', 'user.roles-changed');
    assert.match(String(rows.at(-1)?.['details']), /"from":\["Help desk"\],"to":\["User"\]/);
  });

  it('and whoever has the other one already just keeps it', async () => {
    const user = await Role.findByPk(await roleId(portal, 'acme', 'user'), { rejectOnEmpty: true });
    await giveRoles(await userCalled(portal, 'acme/uma'), [desk, user]);
    assert.equal((await remove({ replacementRoleId: user.id })).status, 303);
    assert.deepEqual(await rolesOf('acme/uma'), ['User']);
  });

  it('and whoever is new gets “User” again, where they got this one: no setting names what is gone', async () => {
    const program = await programOf(portal, 'acme/olivia');
    assert.equal((await program.patch('/organisation', { defaultRoleId: desk.id })).status, 200);
    assert.match((await olivia.open(`/admin/roles/${desk.id}/removal`)).text, /gets it today, and “User” then/);
    assert.equal((await remove({ replacementRoleId: await roleId(portal, 'acme', 'auditor') })).status, 303);
    assert.equal((await program.get('/organisation')).body['defaultRoleId'], null);
    const rows = await logged(portal, 'acme', 'tenant.changed');
    assert.deepEqual(
      rows.map((row) => (JSON.parse(String(row['details'])) as { defaultRoleId: unknown }).defaultRoleId),
      [
        { from: '', to: 'Help desk' },
        { from: 'Help desk', to: '' },
      ],
    );
  });

  it('not by giving what one may not give, to oneself, or to whom one does not exceed', async () => {
    const adam = await portal.signedIn('acme/adam');
    const user = await roleId(portal, 'acme', 'user');
    assert.equal((await remove({ replacementRoleId: await roleId(portal, 'acme', 'owner') }, adam)).status, 403);
    const theirs = await Role.findOne({
      where: { key: 'user', tenantId: (await userCalled(portal, 'globex/gina')).tenantId },
      rejectOnEmpty: true,
    });
    for (const wrong of [theirs.id, desk.id, 'nonsense'])
      assert.equal((await remove({ replacementRoleId: wrong })).status, 422, wrong);
    for (const [who, status] of [
      ['acme/adam', 403],
      ['acme/olivia', 403],
    ] as const) {
      const holder = await userCalled(portal, who);
      await giveRoles(holder, [...(holder.roles ?? []), desk]);
      assert.equal((await remove({ replacementRoleId: user }, await portal.signedIn('acme/adam'))).status, status, who);
      await giveRoles(holder, holder.roles ?? []);
    }
    assert.deepEqual(await rolesOf('acme/uma'), ['Help desk']);
  });

  it('and what is named in its place is another role of the organisation, also while nobody holds it', async () => {
    await giveRoles(await userCalled(portal, 'acme/uma'), []);
    const program = await programOf(portal, 'acme/olivia');
    for (const wrong of [await roleId(portal, 'globex', 'user'), desk.id, newId()]) {
      assert.equal((await remove({ replacementRoleId: wrong })).status, 422, wrong);
      assert.equal((await program.delete(`/roles/${desk.id}?replacementRoleId=${wrong}`)).status, 422, wrong);
    }
    assert.equal(await Role.count({ where: { id: desk.id } }), 1);
    const other = await roleId(portal, 'acme', 'user');
    assert.equal((await program.delete(`/roles/${desk.id}?replacementRoleId=${other}`)).status, 204);
  });

  it('while two remove it, and one gives it to somebody more: nobody is left with a role that is gone', async () => {
    const umar = portal.idOf('acme/umar');
    const user = await roleId(portal, 'acme', 'user');
    const auditor = await roleId(portal, 'acme', 'auditor');
    const [one, other, giver] = await Promise.all([
      programOf(portal, 'acme/olivia'),
      programOf(portal, 'acme/olivia'),
      programOf(portal, 'acme/olivia'),
    ]);
    const answers = await Promise.all([
      one.delete(`/roles/${desk.id}?replacementRoleId=${user}`),
      other.delete(`/roles/${desk.id}?replacementRoleId=${auditor}`),
      giver.patch(`/users/${umar}`, { roleIds: [desk.id, user] }),
    ]);
    const [first, second, given] = answers.map(({ status }) => status);
    assert.deepEqual([first, second].sort(), [204, 404], 'one of them removes it');
    assert.ok([200, 404, 422].includes(given ?? 0), String(given));
    assert.equal(await Role.count({ where: { id: desk.id } }), 0);
    assert.equal(await UserRole.count({ where: { roleId: desk.id } }), 0);
    for (const who of ['acme/uma', 'acme/umar']) assert.ok((await rolesOf(who)).length > 0, who);
    assert.deepEqual(await rolesOf('acme/uma'), [first === 204 ? 'User' : 'Auditor']);
    assert.equal((await logged(portal, 'acme', 'role.removed')).length, 1);
  });

  it('by a program too', async () => {
    const program = await programOf(portal, 'acme/olivia');
    assert.equal((await program.delete(`/roles/${desk.id}`)).status, 422);
    const replaced = await program.delete(
      `/roles/${desk.id}?replacementRoleId=${await roleId(portal, 'acme', 'user')}`,
    );
    assert.equal(replaced.status, 204);
    assert.deepEqual(await rolesOf('acme/uma'), ['User']);
  });
});
