import assert from 'node:assert/strict';
import { User } from '#models/user.js';
import { logged } from '../support/links.js';
import { PASSWORD, startPortal, type Portal } from '../support/portal.js';
import { personWith, programOf, roleWith } from '../support/programs.js';
import type { Program, Reply } from '../support/program.js';
import { isSignedIn } from '../support/second-factor.js';
import { roleId } from '../support/users.js';

type Row = Record<string, unknown>;

describe('A program of an admin looks after users', () => {
  let portal: Portal;
  let adam: Program;
  let user: string;
  before(async () => {
    portal = await startPortal();
    adam = await programOf(portal, 'acme/adam');
    user = await roleId(portal, 'acme', 'user');
  });
  after(() => portal.close());

  const fields = ({ body }: Reply): string[] => (body['errors'] as { field: string }[]).map(({ field }) => field);
  const names = (rows: Row[]): unknown[] => rows.map(({ username }) => username);

  it('finds them by words, status, role, two-factor state and lock, in any order', async () => {
    assert.deepEqual(names(await adam.all('/users?sort=username')), [
      'adam',
      'audrey',
      'olivia',
      'robo',
      'uma',
      'umar',
    ]);
    assert.deepEqual(names(await adam.all('/users?sort=-username&limit=2')), [
      'umar',
      'uma',
      'robo',
      'olivia',
      'audrey',
      'adam',
    ]);
    assert.deepEqual(names(await adam.all('/users?q=ndiaye')), ['uma']);
    assert.deepEqual(names(await adam.all(`/users?roleId=${user}&sort=username`)), ['robo', 'uma', 'umar']);
    assert.deepEqual(names(await adam.all('/users?status=invited')), []);
    assert.deepEqual(names(await adam.all('/users?twoFactor=active')), []);
    await User.update({ lockedUntil: portal.clock.now() + 60_000 }, { where: { id: portal.idOf('acme/umar') } });
    for (const flag of ['true', 'yes']) assert.deepEqual(names(await adam.all(`/users?locked=${flag}`)), ['umar']);
    assert.deepEqual(names(await adam.all('/users?stale=true')), []);
    for (const query of ['locked=false', 'locked=', 'sort=passwordHash', 'roleId=user'])
      assert.equal((await adam.get(`/users?${query}`)).status, 422, query);
    await User.update({ lockedUntil: null }, { where: { id: portal.idOf('acme/umar') } });
  });

  it('never sees a secret of theirs', async () => {
    const { text } = await adam.get('/users');
    assert.doesNotMatch(text, /argon2|hash|secret|epoch|Key"/i);
  });

  it('adds a person by invitation, who sets the password by mail', async () => {
    const added = await adam.post('/users', {
      username: 'ivy',
      name: 'Ivy Idowu',
      email: 'ivy@acme.example',
      roleIds: [user],
    });
    assert.equal(added.status, 201);
    assert.deepEqual(
      [added.body['status'], added.body['kind'], added.headers['location']],
      ['invited', 'person', `/api/v1/users/${String(added.body['id'])}`],
    );
    assert.deepEqual((await adam.get(`/users/${String(added.body['id'])}`)).body, added.body);
    const link = await portal.inbox.linkTo('ivy@acme.example', '/invitations/');
    const browser = portal.browser();
    assert.equal(
      (
        await browser.submit(link, link, {
          newPassword: 'quiet-lantern-orchard-7',
          confirmPassword: 'quiet-lantern-orchard-7',
        })
      ).status,
      303,
    );
    await portal.signedIn('acme/ivy', 'quiet-lantern-orchard-7');
  });

  it('adds a service account, which signs in nowhere', async () => {
    const { status, body } = await adam.post('/users', {
      kind: 'service',
      username: 'nightly',
      name: 'Backup',
      email: 'nightly@acme.example',
      roleIds: [user],
    });
    assert.deepEqual([status, body['status'], body['kind']], [201, 'active', 'service']);
    assert.notEqual((await portal.browser().tryToSignIn('acme/nightly', PASSWORD)).status, 303);
  });

  it('is told field by field what is wrong', async () => {
    const good = { username: 'ned', name: 'Ned', email: 'ned@acme.example', roleIds: [user] };
    for (const [wrong, field] of [
      [{ username: 'a:b' }, 'username'],
      [{ username: 'uma' }, 'username'],
      [{ email: 'no address' }, 'email'],
      [{ email: 'UMA@acme.example' }, 'email'],
      [{ roleIds: [] }, 'roleIds'],
      [{ roleIds: ['x'] }, 'roleIds.0'],
      [{ roleIds: [await roleId(portal, 'globex', 'user')] }, 'roleIds'],
      [{ kind: 'robot' }, 'kind'],
      [{ name: undefined }, 'name'],
      [{ password: 'plum-harbour-violet-84' }, 'password'],
    ] as const) {
      const reply = await adam.post('/users', { ...good, ...wrong });
      assert.equal(reply.status, 422, JSON.stringify(wrong));
      assert.deepEqual(fields(reply), [field], JSON.stringify(wrong));
    }
    assert.deepEqual(fields(await adam.post('/users', {})).sort(), ['email', 'name', 'username']);
  });

  it('changes what it names, and nothing else', async () => {
    const id = portal.idOf('acme/umar');
    const before = (await adam.get(`/users/${id}`)).body;
    const after = await adam.patch(`/users/${id}`, { name: 'Umar Changed' });
    assert.deepEqual(after.body, { ...before, name: 'Umar Changed' });
    assert.deepEqual((await adam.patch(`/users/${id}`, {})).body, after.body);
    assert.equal((await adam.patch(`/users/${id}`, { mustSetUpTwoFactor: true })).body['mustSetUpTwoFactor'], true);
    assert.equal((await adam.patch(`/users/${id}`, { mustSetUpTwoFactor: false })).body['mustSetUpTwoFactor'], false);
    assert.deepEqual(fields(await adam.patch(`/users/${id}`, { roleIds: [] })), ['roleIds']);
    assert.deepEqual(fields(await adam.patch(`/users/${id}`, { email: 'uma@acme.example' })), ['email']);
    for (const field of ['password', 'twoFactor', 'mustChangePassword', 'epoch', 'kind', 'lockedUntil'])
      assert.deepEqual(fields(await adam.patch(`/users/${id}`, { [field]: 1 })), [field]);
  });

  it('disables somebody, whose sessions end at once, and enables them again', async () => {
    const umar = await portal.signedIn('acme/umar');
    const id = portal.idOf('acme/umar');
    assert.equal((await adam.get(`/users/${id}/sessions`)).status, 200);
    assert.equal((await adam.all(`/users/${id}/sessions`)).length, 1);
    assert.equal((await adam.patch(`/users/${id}`, { status: 'disabled' })).body['status'], 'disabled');
    assert.equal(await isSignedIn(umar), false);
    assert.deepEqual(await adam.all(`/users/${id}/sessions`), []);
    assert.equal((await adam.patch(`/users/${id}`, { status: 'active' })).body['status'], 'active');
    assert.equal((await logged(portal, 'acme', 'user.disabled')).at(-1)?.['door'], 'api');
  });

  it('ends the sessions of somebody, and unlocks them', async () => {
    const uma = await portal.signedIn('acme/uma');
    const id = portal.idOf('acme/uma');
    assert.equal((await adam.delete(`/users/${id}/sessions`)).status, 204);
    assert.equal(await isSignedIn(uma), false);
    for (let failure = 0; failure < 5; failure += 1) await portal.browser().tryToSignIn('acme/uma', 'wrong');
    assert.notEqual((await portal.browser().tryToSignIn('acme/uma', PASSWORD)).status, 303);
    assert.notEqual((await adam.get(`/users/${id}`)).body['lockedUntil'], null);
    assert.equal((await adam.delete(`/users/${id}/lock`)).status, 204);
    assert.equal((await adam.get(`/users/${id}`)).body['lockedUntil'], null);
    await portal.signedIn('acme/uma');
  });

  it('deletes somebody for good', async () => {
    const { id } = await personWith(portal, 'acme/gone', await roleWith(portal, 'acme', []));
    assert.equal((await adam.delete(`/users/${id}`)).status, 204);
    assert.equal((await adam.get(`/users/${id}`)).status, 404);
    assert.equal((await adam.delete(`/users/${id}`)).status, 404);
  });

  it('does nothing to whoever may do more, nor to the last owner, nor to its own owner', async () => {
    const olivia = portal.idOf('acme/olivia');
    const self = portal.idOf('acme/adam');
    const owner = await roleId(portal, 'acme', 'owner');
    for (const answer of [
      adam.patch(`/users/${olivia}`, { name: 'x' }),
      adam.delete(`/users/${olivia}`),
      adam.delete(`/users/${olivia}/sessions`),
      adam.delete(`/users/${olivia}/lock`),
      adam.delete(`/users/${olivia}/credentials`),
      adam.delete(`/users/${olivia}/two-factor`, { reason: 'x' }),
      adam.patch(`/users/${portal.idOf('acme/uma')}`, { roleIds: [owner] }),
      adam.post('/users', { username: 'top', name: 'Top', email: 'top@acme.example', roleIds: [owner] }),
      adam.delete(`/users/${self}`),
      adam.delete(`/users/${self}/sessions`),
      adam.delete(`/users/${self}/two-factor`, { reason: 'x' }),
      adam.patch(`/users/${self}`, { status: 'disabled' }),
      adam.patch(`/users/${self}`, { roleIds: [user] }),
    ]) {
      const { status, code } = await answer;
      assert.deepEqual([status, code], [403, 'forbidden']);
    }
    assert.deepEqual(
      fields(await adam.patch(`/users/${self}`, { email: 'adam2@acme.example' })),
      ['email'],
      'Its own address is changed on the pages alone.',
    );
    const asOlivia = await programOf(portal, 'acme/olivia');
    assert.equal((await asOlivia.delete(`/users/${olivia}`)).status, 403);
    const second = await personWith(
      portal,
      'acme/second',
      await roleWith(portal, 'acme', ['users:read', 'users:write', 'users:delete', 'users:two-factor']),
    );
    assert.equal((await (await programOf(portal, 'acme/second')).delete(`/users/${olivia}`)).status, 403);
    assert.equal((await asOlivia.delete(`/users/${second.id}`)).status, 204);
  });

  it('a token with fewer rights than its owner reaches less far', async () => {
    const narrow = await programOf(portal, 'acme/olivia', { scopes: ['users:read', 'users:write'] });
    assert.equal((await narrow.patch(`/users/${portal.idOf('acme/adam')}`, { name: 'x' })).status, 403);
    assert.equal(
      (
        await narrow.post('/users', {
          username: 'high',
          name: 'High',
          email: 'high@acme.example',
          roleIds: [await roleId(portal, 'acme', 'admin')],
        })
      ).status,
      403,
    );
  });

  it('finds nobody of another organisation', async () => {
    const oscar = await programOf(portal, 'globex/oscar');
    const id = portal.idOf('acme/uma');
    for (const answer of [
      oscar.get(`/users/${id}`),
      oscar.patch(`/users/${id}`, { name: 'x' }),
      oscar.delete(`/users/${id}`),
      oscar.delete(`/users/${id}/lock`),
      oscar.get(`/users/${id}/sessions`),
      oscar.delete(`/users/${id}/sessions`),
      oscar.get(`/users/${id}/credentials`),
      oscar.delete(`/users/${id}/credentials`),
      oscar.get(`/users/${id}/two-factor`),
      oscar.delete(`/users/${id}/two-factor`, { reason: 'x' }),
      oscar.post(`/users/${id}/two-factor`, { state: 'pending', reason: 'x' }),
    ]) {
      const { status, code } = await answer;
      assert.deepEqual([status, code], [404, 'not_found']);
    }
    assert.deepEqual(names(await oscar.all('/users?sort=username')), ['gary', 'gina', 'oscar']);
  });
});
