import assert from 'node:assert/strict';
import { Role } from '#models/role.js';
import type { Browser, Fields, Page } from '../support/browser.js';
import { startPortal, type Portal } from '../support/portal.js';
import { giveRoles, programOf, roleWith } from '../support/programs.js';
import { addSomebody, userCalled } from '../support/users.js';

describe('Before a role is saved', () => {
  let portal: Portal;
  let olivia: Browser;
  let desk: Role;
  let path: string;
  before(async () => {
    portal = await startPortal();
    olivia = await portal.signedIn('acme/olivia');
    desk = await roleWith(portal, 'acme', ['users:read', 'log:read'], { name: 'Help desk' });
    path = `/admin/roles/${desk.id}`;
    for (const who of ['acme/uma', 'acme/audrey', 'acme/adam']) {
      const user = await userCalled(portal, who);
      await giveRoles(user, [...(user.roles ?? []), desk]);
    }
  });
  after(() => portal.close());

  // As the button of the role's form sends it.
  const review = async (fields: Fields, browser = olivia, at = path): Promise<Page> =>
    browser.post(`${at}/preview`, { ...(await browser.open(at)).form(at), ...fields });
  const rows = (page: Page): string[] =>
    page.document
      .querySelectorAll('section[aria-labelledby="effects"] tbody tr')
      .map((row) => row.text.replace(/\s+/g, ' ').trim());

  it('it is said by name who gains and who loses what, and nothing is changed', async () => {
    const page = await review({ permissions: ['users:read', 'roles:read', 'users:write'] });
    assert.equal(page.status, 200);
    // An auditor sees log and roles by another role; an admin may all of it anyway.
    assert.deepEqual(rows(page).sort(), [
      'One personAudrey Aalto Create and change users Nothing',
      'One personUma Ndiaye See roles; Create and change users See the security log',
    ]);
    assert.match(page.text, /One person with this role may do afterwards what they may do now/);
    assert.deepEqual([...(await Role.findByPk(desk.id, { rejectOnEmpty: true })).grants].sort(), [
      'log:read',
      'users:read',
    ]);
  });

  it('"read-only" counts what it strips of what other roles give', async () => {
    const page = await review({ readOnly: 'on' });
    assert.match(rows(page).join('\n'), /Adam .*Nothing .*Create and change users/);
    assert.match(rows(page).join('\n'), /Uma Ndiaye Nothing Create API credentials of their own/);
  });

  it('who must set up a second factor is named, and by when', async () => {
    const page = await review({ requiresTwoFactor: 'on' });
    assert.match(page.text, /3 people must set up two-factor authentication by .*Adam.*Audrey.*Uma/);
  });

  it('what was reviewed is what is saved', async () => {
    const page = await review({ description: 'By day', requiresTwoFactor: 'on' });
    assert.equal((await olivia.post(path, page.form(path))).status, 303);
    const { description, requiresTwoFactor, grants } = await Role.findByPk(desk.id, { rejectOnEmpty: true });
    assert.deepEqual([description, requiresTwoFactor, grants.length], ['By day', true, 2]);
  });

  it('what would be refused at saving is refused at the review, and what was typed stays', async () => {
    const taken = await review({ name: 'Auditor', description: 'Typed' });
    assert.equal(taken.status, 422);
    assert.match(taken.errorOf('name'), /Another role of this organisation has this name/);
    assert.match(taken.html, /value="Typed"/);
    const user = await userCalled(portal, 'acme/olivia');
    await giveRoles(user, [...(user.roles ?? []), desk]);
    const adam = await portal.signedIn('acme/adam');
    assert.equal((await review({ readOnly: 'on' }, adam)).status, 403);
    await giveRoles(user, user.roles ?? []);
  });

  it('whoever may not see users is told how many, and nobody by name', async () => {
    const clerk = await roleWith(portal, 'acme', ['roles:read', 'roles:write', 'log:read', 'tokens:create'], {
      name: 'Clerk',
    });
    await giveRoles(await addSomebody(portal, 'acme/cleo', 'user'), [clerk]);
    const cleo = await portal.signedIn('acme/cleo');
    const keys = await roleWith(portal, 'acme', ['log:read'], { name: 'Keys' });
    await giveRoles(await addSomebody(portal, 'acme/karl', 'user'), [keys]);
    const page = await review({ permissions: [] }, cleo, `/admin/roles/${keys.id}`);
    assert.deepEqual([page.status, rows(page)], [200, ['One person Nothing See the security log']]);
    assert.doesNotMatch((await cleo.open(`/admin/roles/${keys.id}`)).text, /Karl/);
    assert.match((await olivia.open(`/admin/roles/${keys.id}`)).text, /Karl/);
  });

  it('a program is told the same', async () => {
    const program = await programOf(portal, 'acme/olivia');
    const reply = await program.post(`/roles/${desk.id}/preview`, { permissions: ['users:read'] });
    const [affected] = reply.body['affected'] as { loses: string[]; first: { username: string }[] }[];
    assert.deepEqual(
      [reply.status, affected?.loses, affected?.first.map(({ username }) => username)],
      [200, ['log:read'], ['uma']],
    );
    const made = await program.post('/roles/preview', { name: 'New', permissions: ['users:read'] });
    assert.deepEqual([made.status, made.body['affected']], [200, []]);
    assert.equal(await Role.count({ where: { name: 'New' } }), 0);
  });
});
