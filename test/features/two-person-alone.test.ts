import assert from 'node:assert/strict';
import { Approval } from '#models/approval.js';
import { Role } from '#models/role.js';
import { Tenant } from '#models/tenant.js';
import { User } from '#models/user.js';
import { workOnPeople } from '#server/jobs/people.js';
import { DAY, HOUR, MINUTE } from '#server/lib/clock.js';
import { startDueChanges } from '#server/features/security-policy/start.js';
import { itemsOn } from '../support/checkup.js';
import { passOn } from '../support/passes.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';
import { giveRoles, programOf, roleWith } from '../support/programs.js';
import { setPolicy } from '../support/second-factor.js';
import { approve, TAKINGS, waitingOne } from '../support/two-person.js';
import { addSomebody, pageOf, roleId, userCalled } from '../support/users.js';
import type { Program } from '../support/program.js';

interface Scene {
  portal: Portal;
  /** An owner, who would do it alone. */
  olivia: Program;
  /** Whose account it is about. */
  petra: User;
  /** A role of the organisation's own, which may look after users. */
  desk: Role;
}

type Way = (scene: Scene) => Promise<unknown>;

const rolesOf = async (portal: Portal, key: 'user' | 'admin'): Promise<string[]> => [await roleId(portal, 'acme', key)];
const bulk = async ({ portal, olivia }: Scene, asked: object): Promise<void> => {
  const { body } = await olivia.post('/users/bulk', asked);
  await olivia.post('/users/bulk', { confirmed: body['id'] });
  await workOnPeople(portal.services);
};
const holds = ({ petra }: Scene, ...roles: Role[]): Promise<void> => giveRoles(petra, roles);

/** All by which one alone could make of an administrator somebody for whom no second person is needed. */
const LOWERED: Readonly<Record<string, Way>> = {
  'a role was taken': async ({ portal, olivia, petra }) =>
    olivia.patch(`/users/${petra.id}`, { roleIds: await rolesOf(portal, 'user') }),
  async 'a role was taken of many at once'(scene) {
    await holds(scene, scene.desk, await Role.factory(scene.petra.tenantId, 'user'));
    await bulk(scene, { action: 'take-role', ids: [scene.petra.id], roleId: scene.desk.id });
  },
  async 'a role that only reads was given beside it'(scene) {
    const { id } = await roleWith(scene.portal, 'acme', ['users:read'], { readOnly: true });
    await scene.olivia.patch(`/users/${scene.petra.id}`, { roleIds: [...(await rolesOf(scene.portal, 'admin')), id] });
  },
  async 'the role was changed'(scene) {
    await holds(scene, scene.desk);
    await scene.olivia.patch(`/roles/${scene.desk.id}`, { permissions: ['users:read'] });
  },
  async 'the role was removed'(scene) {
    await holds(scene, scene.desk);
    const replacementRoleId = await roleId(scene.portal, 'acme', 'user');
    const path = `/admin/roles/${scene.desk.id}/removal`;
    const browser = await scene.portal.signedIn('acme/olivia');
    assert.equal((await browser.submit(path, path, { replacementRoleId })).status, 303);
  },
  'the policy was lifted': ({ olivia }) => olivia.put('/security-policy', { twoPersonReset: false }),
  async 'the policy was lifted by the clock'({ portal, olivia }) {
    const startsAt = new Date(portal.clock.now() + 2 * MINUTE).toISOString().slice(0, 16);
    await olivia.put('/security-policy', { twoPersonReset: false, startsAt: `${startsAt}Z` });
    portal.clock.move(3 * MINUTE);
    assert.equal(await startDueChanges(portal.services), 1);
  },
};

/** All by which one alone could make an approver of their own. */
const RAISED: Readonly<Record<string, (scene: Scene) => Promise<string>>> = {
  async 'was added'({ portal, olivia }) {
    const roleIds = await rolesOf(portal, 'admin');
    const person = { username: 'fay', name: 'Fay', email: 'fay@acme.example', kind: 'person', roleIds };
    assert.equal((await olivia.post('/users', person)).status, 201);
    await User.update({ status: 'active', ...(await passwordOf(portal)) }, { where: { username: 'fay' } });
    return 'acme/fay';
  },
  async 'came by a file'({ portal, olivia }) {
    await olivia.post('/users/import', { csv: 'username,name,email,roles\nfay,Fay,fay@acme.example,Admin\n' });
    await workOnPeople(portal.services);
    await User.update({ status: 'active', ...(await passwordOf(portal)) }, { where: { username: 'fay' } });
    return 'acme/fay';
  },
  async 'was given a role'({ portal, olivia }) {
    await olivia.patch(`/users/${portal.idOf('acme/uma')}`, { roleIds: await rolesOf(portal, 'admin') });
    return 'acme/uma';
  },
  async 'was given a role with many'(scene) {
    const [role = ''] = await rolesOf(scene.portal, 'admin');
    await bulk(scene, { action: 'give-role', ids: [scene.portal.idOf('acme/uma')], roleId: role });
    return 'acme/uma';
  },
  async 'holds a role that was given more'({ portal, olivia, petra }) {
    const role = await roleWith(portal, 'acme', ['users:read']);
    await giveRoles({ id: portal.idOf('acme/uma'), tenantId: petra.tenantId }, [role]);
    const { grants } = await Role.factory(petra.tenantId, 'admin');
    assert.equal((await olivia.patch(`/roles/${role.id}`, { permissions: grants })).status, 200);
    return 'acme/uma';
  },
  async 'was enabled'({ portal, olivia }) {
    const { id } = await addSomebody(portal, 'acme/dora', 'admin');
    await User.update({ status: 'disabled' }, { where: { id } });
    assert.equal((await olivia.patch(`/users/${id}`, { status: 'active' })).status, 200);
    return 'acme/dora';
  },
  async 'was given another address'({ portal, olivia }) {
    const { id } = await addSomebody(portal, 'acme/dora', 'admin');
    assert.equal((await olivia.patch(`/users/${id}`, { email: 'mine@acme.example' })).status, 200);
    return 'acme/dora';
  },
};

async function passwordOf({ services, clock }: Portal): Promise<Pick<User, 'passwordHash' | 'passwordChangedAt'>> {
  return { passwordHash: await services.passwords.hash(PASSWORD), passwordChangedAt: clock.now() };
}

describe('An administrator who would reset another alone', () => {
  let scene: Scene;
  let portal: Portal;
  let petra: User;
  beforeEach(async () => {
    portal = await startPortal();
    portal.clock.move(3 * DAY);
    await setPolicy(portal, 'acme', { twoPersonReset: true });
    petra = await addSomebody(portal, 'acme/petra', 'admin');
    const { grants } = await Role.factory(petra.tenantId, 'admin');
    const desk = await roleWith(portal, 'acme', grants);
    scene = { portal, olivia: await programOf(portal, 'acme/olivia'), petra, desk };
  });
  afterEach(() => portal.close());

  const ask = async (who: string, about = petra) => TAKINGS['access-pass']?.(await portal.signedIn(who), about);
  const waits = async (what: string) => {
    const asked = await ask('acme/olivia');
    assert.equal(asked?.status, 303, what);
    assert.equal((await waitingOne()).row.userId, petra.id);
  };

  for (const [what, way] of Object.entries(LOWERED))
    it(`waits for a second one for three days after ${what}`, async () => {
      await way(scene);
      portal.clock.move(3 * DAY - HOUR);
      await waits(what);
      await Approval.destroy({ where: {} });
      portal.clock.move(HOUR);
      const done = await ask('acme/olivia');
      assert.match(done ? passOn(done) : '', /\S{12}/, 'It is over, and was seen by everybody for so long.');
    });

  for (const [what, way] of Object.entries(RAISED))
    it(`finds no second one in who ${what}, for three days, and who did asks for nothing either`, async () => {
      const friend = await way(scene);
      await waits(what);
      const { at, id } = await waitingOne();
      assert.equal((await approve(await portal.signedIn(friend), at)).status, 403);
      const told = await portal.inbox.mailsTo((await userCalled(portal, friend)).email);
      assert.ok(!told.some(({ text }) => /One request waits/.test(String(text))), 'Nor is asked to.');
      const turns = async (who: string) =>
        /waits for you/.test((await (await portal.signedIn(who)).open('/admin/checkup')).text);
      assert.deepEqual([await turns(friend), await turns('acme/adam')], [false, true], 'Nor does the check-up say so.');
      assert.match(
        (await (await portal.signedIn(friend)).open(`${pageOf(petra.id)}/access-pass`)).text,
        /newer than three days/,
      );
      assert.equal((await ask(friend, await userCalled(portal, 'acme/adam')))?.status, 409);
      assert.equal((await Approval.findByPk(id, { rejectOnEmpty: true })).state, 'waiting');
      portal.clock.move(3 * DAY);
      await Approval.destroy({ where: {} });
      await waits(what);
      const later = await waitingOne();
      assert.equal((await approve(await portal.signedIn(friend), later.at)).status, 200);
    });

  it('counts as there who could have approved it, and was disabled, lowered or deleted', async () => {
    await setPolicy(portal, 'acme', { twoPersonReset: false });
    for (const [name, remove] of [
      ['otto', (id: string) => scene.olivia.patch(`/users/${id}`, { status: 'disabled' })],
      ['ola', async (id: string) => scene.olivia.patch(`/users/${id}`, { roleIds: await rolesOf(portal, 'user') })],
      ['oona', (id: string) => scene.olivia.delete(`/users/${id}`)],
    ] as const) {
      const { id } = await addSomebody(portal, `acme/${name}`, 'admin');
      assert.ok((await remove(id)).status < 300, name);
      await waits(name);
      await Approval.destroy({ where: {} });
      portal.clock.move(3 * DAY);
      const done = await ask('acme/olivia');
      assert.match(done ? passOn(done) : '', /\S{12}/, name);
    }
  });

  it('finds one in whoever there is while the organisation itself is younger, and everybody new in it', async () => {
    await Tenant.update({ createdAt: portal.clock.now() - 3 * DAY + MINUTE }, { where: { slug: 'acme' } });
    const friend = await RAISED['was added']?.(scene);
    await waits('a new organisation');
    const checkup = await (await portal.signedIn(friend ?? '')).open('/admin/checkup');
    assert.ok(itemsOn(checkup).includes('approvals-waiting'), 'and is told of it');
    assert.equal((await approve(await portal.signedIn(friend ?? ''), (await waitingOne()).at)).status, 200);
  });

  it('and is not hindered by what the command line has done, which is above that', async () => {
    await giveRoles(petra, [await Role.factory(petra.tenantId, 'user')]);
    const done = await ask('acme/olivia');
    assert.match(done ? passOn(done) : '', /\S{12}/);
  });
});
