import assert from 'node:assert/strict';
import { User } from '#models/user.js';
import { UserRole } from '#models/user-role.js';
import { isPlatformPermission, PERMISSIONS } from '#policies/permissions.js';
import { SecurityPolicy } from '#models/security-policy.js';
import type { Browser } from '../support/browser.js';
import { startPortal, type Portal } from '../support/portal.js';
import { giveRoles, programOf, roleWith } from '../support/programs.js';
import { pageOf, roleId, userCalled } from '../support/users.js';

describe('Why can they?', () => {
  let portal: Portal;
  let olivia: Browser;
  let uma: string;
  beforeEach(async () => {
    portal = await startPortal();
    olivia = await portal.signedIn('acme/olivia');
    uma = portal.idOf('acme/uma');
    const desk = await roleWith(portal, 'acme', ['users:read', 'users:write'], { name: 'Help desk' });
    const roleIds = [await roleId(portal, 'acme', 'user'), desk.id];
    assert.equal((await olivia.submit(pageOf(uma), pageOf(uma), { roleIds })).status, 303);
  });
  afterEach(() => portal.close());

  const lines = async (query = '', browser = olivia): Promise<string[]> =>
    (await browser.open(`${pageOf(uma)}/why${query}`)).document
      .querySelectorAll('tbody tr')
      .map((row) => row.text.replace(/\s+/g, ' ').trim());
  const writing = async (): Promise<string> => (await lines('?permission=users:write')).join('\n');

  it('the role that gives a permission is named, with who gave that role', async () => {
    assert.match(await writing(), /users:write May The role Help desk.*by Olivia Okafor/);
    assert.equal((await lines()).filter((line) => / May The role/.test(line)).length, 3);
    assert.match((await lines('?permission=log:read'))[0] ?? '', /May not No role of theirs/);
    assert.equal((await lines('?permission=nonsense')).length > 10, true);
  });

  it('of a person alone all there is to do is said, each as when it is asked for by itself', async () => {
    const all = await lines();
    const names = PERMISSIONS.map(({ name }) => name).filter((name) => !isPlatformPermission(name));
    assert.equal(all.length, names.length);
    for (const [at, name] of names.entries()) assert.deepEqual(await lines(`?permission=${name}`), [all[at]], name);
  });

  it('of a role that was given before that was kept, the log says it', async () => {
    await UserRole.update({ grantedAt: null, grantedBy: null }, { where: { userId: uma } });
    assert.match(await writing(), /The role Help desk.*by Olivia Okafor/);
    assert.match((await lines('?permission=tokens:create'))[0] ?? '', /The role User.*by the command line/);
  });

  it('what takes it away is named, whatever it is', async () => {
    const user = await userCalled(portal, 'acme/uma');
    const brake = await roleWith(portal, 'acme', [], { name: 'Brake', readOnly: true });
    await giveRoles(user, [...(user.roles ?? []), brake]);
    assert.match(await writing(), /May not The role Help desk.*The read-only role Brake/);
    assert.match((await lines('?permission=users:read'))[0] ?? '', /users:read May The role/);
    await giveRoles(user, user.roles ?? []);
    const where = { id: uma };
    const undone = { status: 'active', mustChangePassword: false } as const;
    for (const [change, words] of [
      [{ status: 'disabled' }, /account is disabled/],
      [{ status: 'invited' }, /invitation has not been accepted/],
      [{ mustChangePassword: true }, /new password must be chosen/],
    ] as const) {
      await User.update({ ...undone, ...change }, { where });
      assert.match(await writing(), new RegExp(`May not.*${words.source}`));
    }
    await User.update(undone, { where });
    await User.update({ mustSetUpTwoFactor: true }, { where });
    await SecurityPolicy.update({ graceDays: 0 }, { where: { tenantId: user.tenantId } });
    assert.match(await writing(), /May not.*Two-factor authentication must be set up/);
  });

  it('a permission that there is none of is said to be none', async () => {
    const browser = await portal.signedIn('acme/olivia');
    const path = `${pageOf(uma)}/why`;
    for (const asked of ['nope', 'users:everything', 'USERS:READ'])
      assert.match((await browser.open(`${path}?permission=${asked}`)).text, /There is no such permission/, asked);
    for (const asked of ['', '?permission=', '?permission=users:read', '?other=nope'])
      assert.doesNotMatch((await browser.open(path + asked)).text, /There is no such permission/, asked);
  });

  it('a program is told the same, and nobody of another organisation, nor who may not see users', async () => {
    const program = await programOf(portal, 'acme/olivia');
    const { body, status } = await program.get(`/users/${uma}/why?permission=users:write`);
    const [one] = body['permissions'] as { can: boolean; by: { name: string; givenBy: { id: string } }[] }[];
    assert.deepEqual([status, one?.can, one?.by[0]?.name], [200, true, 'Help desk']);
    assert.equal(one?.by[0]?.givenBy.id, portal.idOf('acme/olivia'));
    assert.equal((await program.get(`/users/${uma}/why?permission=nonsense`)).status, 422);
    assert.equal((await program.get(`/users/${portal.idOf('globex/gina')}/why`)).status, 404);
    const path = `${pageOf(uma)}/why`;
    assert.equal((await (await portal.signedIn('globex/oscar')).get(path)).status, 404);
    assert.equal((await (await portal.signedIn('acme/umar')).get(path)).status, 403);
  });
});
