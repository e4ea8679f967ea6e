import assert from 'node:assert/strict';
import { Role } from '#models/role.js';
import { SecurityEvent } from '#models/security-event.js';
import type { Browser, Fields, Page } from '../support/browser.js';
import { startPortal, type Portal } from '../support/portal.js';
import { giveRoles, roleWith } from '../support/programs.js';
import { userCalled } from '../support/users.js';

describe('Roles', () => {
  let portal: Portal;
  let olivia: Browser;
  let adam: Browser;
  before(async () => {
    portal = await startPortal();
    olivia = await portal.signedIn('acme/olivia');
    adam = await portal.signedIn('acme/adam');
  });
  after(() => portal.close());

  const create = (browser: Browser, fields: Fields): Promise<Page> =>
    browser.submit('/admin/roles/new', '/admin/roles', fields);
  const named = (name: string): Promise<Role> => Role.findOne({ where: { name }, rejectOnEmpty: true });

  // Somebody who looks after roles and may do nothing else.
  async function clerk(): Promise<Browser> {
    const there = await Role.findOne({ where: { name: 'Clerk' } });
    const role = there ?? (await roleWith(portal, 'acme', ['roles:read', 'roles:write'], { name: 'Clerk' }));
    await giveRoles(await userCalled(portal, 'acme/umar'), [role]);
    return portal.signedIn('acme/umar');
  }

  async function giveUma(role: Role, browser = olivia): Promise<void> {
    const page = `/admin/users/${portal.idOf('acme/uma')}`;
    const roleIds = [
      (await Role.findOne({ where: { tenantId: role.tenantId, key: 'user' }, rejectOnEmpty: true })).id,
      role.id,
    ];
    assert.equal((await browser.submit(page, page, { roleIds })).status, 303);
  }

  it('of one organisation are told apart by their names: none is read as another, in whatever letters', async () => {
    const inCyrillic = { O: 'О', A: 'А', a: 'а', e: 'е', i: 'і', d: 'ԁ', o: 'о', U: 'Ս' };
    for (const factory of ['Owner', 'Admin', 'Auditor', 'User'])
      for (const name of [
        factory.toUpperCase(),
        `${factory}\u00a0`,
        `${factory}\ufe0f`,
        factory.replace(/./, '$&\u00ad'),
        ...Object.entries(inCyrillic).map(([latin, other]) => factory.replace(latin, other)),
      ]) {
        const { status, text } = await create(olivia, { name, permissions: ['users:read'] });
        assert.equal(status, 422, JSON.stringify(name));
        assert.match(text, /Another role of this organisation has this name/);
      }
    for (const name of ['Владелец', 'Öwner', 'Дежурный'])
      assert.equal((await create(olivia, { name, permissions: ['users:read'] })).status, 303, name);
  });

  it('of the tenant’s own grant what was ticked, from the holder’s next request on', async () => {
    assert.equal((await create(olivia, { name: 'Help desk', permissions: ['users:read'] })).status, 303);
    await giveUma(await named('Help desk'));
    const uma = await portal.signedIn('acme/uma');
    assert.equal((await uma.get('/admin/users')).status, 200);
    const page = `/admin/roles/${(await named('Help desk')).id}`;
    assert.equal((await olivia.submit(page, page, { permissions: [] })).status, 303);
    assert.equal((await uma.get('/admin/users')).status, 403);
  });

  it('that are read-only strip every write, whatever the other roles grant', async () => {
    await create(olivia, { name: 'Look only', permissions: ['users:read'], readOnly: 'on' });
    await create(olivia, { name: 'Writer', permissions: ['users:read', 'users:write'] });
    const page = `/admin/users/${portal.idOf('acme/umar')}`;
    await olivia.submit(page, page, { roleIds: [(await named('Look only')).id, (await named('Writer')).id] });
    const umar = await portal.signedIn('acme/umar');
    assert.equal((await umar.get('/admin/users')).status, 200);
    assert.equal((await umar.get('/admin/users/new')).status, 403);
  });

  it('that require two-factor authentication lead their holders to it once the days of grace are over', async () => {
    await create(olivia, { name: 'Careful', permissions: [], requiresTwoFactor: 'on' });
    const page = `/admin/users/${portal.idOf('acme/audrey')}`;
    const auditor = await Role.findOne({
      where: { key: 'auditor', tenantId: (await named('Careful')).tenantId },
      rejectOnEmpty: true,
    });
    await olivia.submit(page, page, { roleIds: [auditor.id, (await named('Careful')).id] });
    const audrey = await portal.signedIn('acme/audrey');
    assert.match((await audrey.open('/security')).text, /Set up two-factor authentication/);
    portal.clock.move(15 * 86_400_000);
    const late = await portal.signedIn('acme/audrey');
    assert.equal((await late.get('/security')).location, '/login/two-factor/setup');
    [olivia, adam] = [await portal.signedIn('acme/olivia'), await portal.signedIn('acme/adam')];
  });

  it('cannot grant more than their maker may do', async () => {
    const refused = await create(await clerk(), { name: 'Above me', permissions: ['users:delete'] });
    assert.equal(refused.status, 422);
    assert.match(refused.errorOf('permissions'), /nothing that you may not do yourself/);
    assert.equal((await create(olivia, { name: 'Platform', permissions: ['tenants:write'] })).status, 422);
    assert.equal((await create(olivia, { name: 'Nonsense', permissions: ['everything:all'] })).status, 422);
  });

  it('that exceed somebody are not theirs to edit, and "read-only" is lifted by owners alone', async () => {
    await create(olivia, { name: 'Cleaner', permissions: ['users:delete'] });
    const umar = await clerk();
    const cleaner = `/admin/roles/${(await named('Cleaner')).id}`;
    const own = await umar.csrf('/security');
    assert.equal((await umar.post(cleaner, { _csrf: own, name: 'Mine', permissions: 'users:read' })).status, 403);
    assert.equal((await umar.post(`${cleaner}/removal`, { _csrf: own })).status, 403);
    const _csrf = await adam.csrf('/security');
    const lookOnly = `/admin/roles/${(await named('Look only')).id}`;
    const lifted = await adam.post(lookOnly, { _csrf, name: 'Look only', permissions: 'users:read' });
    assert.equal(lifted.status, 422);
    assert.equal((await named('Look only')).readOnly, true);
  });

  it('from the factory keep what they grant; only the demand for two-factor changes', async () => {
    const owner = await Role.findOne({ where: { key: 'owner' }, rejectOnEmpty: true });
    const page = `/admin/roles/${owner.id}`;
    const _csrf = await olivia.csrf('/security');
    assert.equal((await olivia.post(page, { _csrf, name: 'Mine' })).status, 422);
    assert.equal((await olivia.post(`${page}/removal`, { _csrf })).status, 403);
  });

  it('that somebody holds cannot be removed, and one that nobody holds can', async () => {
    const held = `/admin/roles/${(await named('Careful')).id}`;
    const refused = await olivia.submit(held, `${held}/removal`);
    assert.equal(refused.status, 422);
    assert.match(refused.alert, /One user still has this role/);
    const free = `/admin/roles/${(await named('Cleaner')).id}`;
    assert.equal((await olivia.submit(free, `${free}/removal`)).status, 303);
    assert.equal((await olivia.get(free)).status, 404);
  });

  it('are found by their names and what they are for, whatever the case and the marks', async () => {
    await roleWith(portal, 'acme', ['users:read'], { name: 'Équipe de nuit' });
    const found = await olivia.open('/admin/roles?q=EQUIPE');
    assert.match(found.text, /One role/);
    assert.ok(found.text.includes('Équipe de nuit') && !found.text.includes('Auditor'));
    assert.match((await olivia.open('/admin/roles?q=nothing-of-the-kind')).text, /No role matches/);
  });

  it('have names that differ, whoever takes one first', async () => {
    const answers = await Promise.all([create(olivia, { name: 'Twin' }), create(adam, { name: 'ＴＷＩＮ' })]);
    assert.deepEqual(answers.map(({ status }) => status).sort(), [303, 422]);
  });

  it('are another tenant’s own, and leave a trace in the log', async () => {
    const foreign = await Role.findAll();
    const own = (await named('Help desk')).tenantId;
    const other = foreign.find(({ tenantId, key }) => tenantId !== own && key === 'user');
    assert.equal((await olivia.get(`/admin/roles/${other?.id ?? ''}`)).status, 404);
    const changes = await SecurityEvent.findAll({ where: { event: 'role.changed' } });
    assert.ok(changes.some(({ details }) => details.includes('"permissions":{"from":["users:read"],"to":[]}')));
  });
});
