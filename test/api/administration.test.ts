import assert from 'node:assert/strict';
import { Role } from '#models/role.js';
import { logged } from '../support/links.js';
import { startPortal, type Portal } from '../support/portal.js';
import { giveRoles, programOf } from '../support/programs.js';
import type { Program, Reply } from '../support/program.js';
import { enrol, setPolicy } from '../support/second-factor.js';
import { addSomebody, newestDetails, userCalled } from '../support/users.js';

type TokenHit = { owner: { username: string }; expiresAt: string; endsAt: string };

const fields = ({ body }: Reply): string[] => (body['errors'] as { field: string }[]).map(({ field }) => field);

describe('A program of an admin', () => {
  let portal: Portal;
  let olivia: Program;
  let adam: Program;
  beforeEach(async () => {
    portal = await startPortal();
    olivia = await programOf(portal, 'acme/olivia');
    adam = await programOf(portal, 'acme/adam');
  });
  afterEach(() => portal.close());

  describe('and the second factor of somebody', () => {
    it('sees its state, resets the secret and disables it, each with a reason that the log and the owner learn', async () => {
      const path = `/users/${portal.idOf('acme/uma')}/two-factor`;
      assert.deepEqual((await adam.get(path)).body, { state: 'disabled' });
      assert.equal((await adam.delete(path, { reason: 'Lost phone' })).status, 409);
      assert.equal((await adam.post(path, { state: 'pending', reason: 'Lost phone' })).status, 409);
      await enrol(portal, 'acme/uma');
      assert.deepEqual((await adam.get(path)).body, { state: 'active' });
      for (const body of [{}, { reason: '' }, { reason: '  ' }]) {
        assert.deepEqual(fields(await adam.delete(path, body)), ['reason']);
        assert.deepEqual(fields(await adam.post(path, { state: 'pending', ...body })), ['reason']);
      }
      for (const state of ['active', 'disabled', 'x'])
        assert.deepEqual(fields(await adam.post(path, { state, reason: 'x' })), ['state']);
      const reset = await adam.post(path, { state: 'pending', reason: 'New phone' });
      assert.deepEqual([reset.status, reset.body], [200, { state: 'pending' }]);
      assert.equal((await newestDetails(portal, 'acme', 'two-factor.reset'))['reason'], 'New phone');
      assert.equal((await adam.delete(path, { reason: 'Lost phone' })).status, 204);
      assert.deepEqual((await adam.get(path)).body, { state: 'disabled' });
      assert.equal((await newestDetails(portal, 'acme', 'two-factor.disabled'))['reason'], 'Lost phone');
      const told = (await portal.inbox.mailsTo('uma@acme.example')).map(({ subject }) => subject);
      assert.ok(told.some((subject) => /Two-factor authentication is off/.test(subject)));
      assert.match(told.at(-1) ?? '', /Set up your second factor/);
    });
  });

  describe('and roles', () => {
    it('lists them, makes one, changes it, and removes it when nobody holds it', async () => {
      const keys = (await olivia.all('/roles')).map(({ key }) => key);
      assert.deepEqual([...keys].sort(), ['admin', 'auditor', 'owner', 'user']);
      const made = await olivia.post('/roles', { name: 'Help desk', permissions: ['users:read', 'users:write'] });
      assert.equal(made.status, 201);
      assert.deepEqual(
        [made.body['description'], made.body['readOnly'], made.body['requiresTwoFactor'], made.body['key']],
        ['', false, false, null],
      );
      const path = `/roles/${String(made.body['id'])}`;
      assert.equal(made.headers['location'], `/api/v1${path}`);
      const changed = await olivia.patch(path, { permissions: ['users:read'], requiresTwoFactor: true });
      assert.deepEqual(changed.body, { ...made.body, permissions: ['users:read'], requiresTwoFactor: true });
      assert.deepEqual((await olivia.get(path)).body, changed.body);
      const umar = await userCalled(portal, 'acme/umar');
      await giveRoles(umar, [await Role.findByPk(String(made.body['id']), { rejectOnEmpty: true })]);
      assert.equal((await olivia.delete(path)).status, 422);
      await giveRoles(umar, [await Role.factory(umar.tenantId, 'user')]);
      assert.equal((await olivia.delete(path)).status, 204);
      assert.equal((await olivia.get(path)).status, 404);
    });

    it('cannot make or change one that grants what its owner may not do', async () => {
      assert.deepEqual(fields(await olivia.post('/roles', { name: 'Platform', permissions: ['tenants:read'] })), [
        'permissions.0',
      ]);
      assert.deepEqual(fields(await olivia.post('/roles', { name: 'admin', permissions: [] })), ['name']);
      const narrow = await programOf(portal, 'acme/olivia', { scopes: ['roles:write', 'roles:read'] });
      assert.deepEqual(fields(await narrow.post('/roles', { name: 'More', permissions: ['users:read'] })), [
        'permissions',
      ]);
    });

    it('leaves a factory role as it is, but for the demand for a second factor', async () => {
      const [user] = (await olivia.all('/roles')).filter(({ key }) => key === 'user');
      const path = `/roles/${String(user!['id'])}`;
      for (const body of [{ name: 'x' }, { permissions: ['users:read'] }, { readOnly: true }, { description: 'x' }])
        assert.equal((await olivia.patch(path, body)).status, 403, JSON.stringify(body));
      assert.equal((await olivia.patch(path, { requiresTwoFactor: true })).body['requiresTwoFactor'], true);
      assert.equal((await olivia.delete(path)).status, 403);
    });

    it('of another organisation are not there', async () => {
      const oscar = await programOf(portal, 'globex/oscar');
      const path = `/roles/${String((await olivia.all('/roles'))[0]!['id'])}`;
      assert.equal((await oscar.get(path)).status, 404);
      assert.equal((await oscar.patch(path, { requiresTwoFactor: true })).status, 404);
      assert.equal((await oscar.delete(path)).status, 404);
    });
  });

  describe('and the security policy', () => {
    it('reads it, sees what a change would do, and makes it', async () => {
      const { body: before } = await olivia.get('/security-policy');
      assert.deepEqual([before['preset'], before['minLength'], before['allowedIps']], ['nist', 15, []]);
      const change = { preset: 'pci', twoFactor: 'required', graceDays: 7 };
      const { body } = await olivia.post('/security-policy/preview', change);
      assert.equal((body['policy'] as { minLength: number }).minLength, 12);
      assert.equal((body['effects'] as { peopleToSetUp: number }).peopleToSetUp, 5);
      assert.ok((body['differences'] as { field: string }[]).some(({ field }) => field === 'twoFactor'));
      assert.deepEqual((await olivia.get('/security-policy')).body, before, 'To look changes nothing.');
      const after = await olivia.put('/security-policy', change);
      assert.deepEqual([after.status, after.body], [200, { ...(body['policy'] as object), scheduled: null }]);
      assert.deepEqual((await olivia.get('/security-policy')).body, after.body);
      assert.equal((await logged(portal, 'acme', 'policy.changed')).length, 1);
    });

    it('learns whose tokens a lower cap would shorten, and to when', async () => {
      await programOf(portal, 'acme/uma', { months: 12 });
      const { body } = await olivia.post('/security-policy/preview', { tokenMaxMonths: 4 });
      const { tokensShortened, tokensHit } = body['effects'] as { tokensShortened: number; tokensHit: TokenHit[] };
      assert.deepEqual([tokensShortened, tokensHit.map(({ owner }) => owner.username)], [1, ['uma']]);
      assert.ok(tokensHit.every(({ expiresAt, endsAt }) => endsAt < expiresAt));
    });

    it('can send back what it has read, whole or in part', async () => {
      const { body } = await olivia.get('/security-policy');
      assert.deepEqual((await olivia.put('/security-policy', body)).body, body);
      assert.equal((await logged(portal, 'acme', 'policy.changed')).length, 0, 'Nothing has changed.');
      const { body: changed } = await olivia.put('/security-policy', {
        ...body,
        minLength: 20,
        allowedIps: ['127.0.0.0/8', '::1'],
      });
      assert.deepEqual(changed, { ...body, minLength: 20, preset: 'custom', allowedIps: ['127.0.0.0/8', '::1'] });
      assert.deepEqual((await olivia.put('/security-policy', { preset: 'nist' })).body, {
        ...changed,
        minLength: 15,
        preset: 'nist',
      });
    });

    it('is told what is wrong with a value', async () => {
      for (const [change, field] of [
        [{ minLength: 7 }, 'minLength'],
        [{ minLength: '15' }, 'minLength'],
        [{ minLength: 15.5 }, 'minLength'],
        [{ requireUpper: 'on' }, 'requireUpper'],
        [{ preset: 'strict' }, 'preset'],
        [{ allowedIps: ['10.0.0.0/33'] }, 'allowedIps'],
        [{ allowedIps: '10.0.0.0/8' }, 'allowedIps'],
        [{ allowedIps: ['10.0.0.0/8'] }, 'allowedIps'],
        [{ maxAgeDays: 1, minAgeHours: 24 }, 'minAgeHours'],
        [{ updatedAt: 1 }, 'updatedAt'],
      ] as const) {
        for (const answer of [
          await olivia.put('/security-policy', change),
          await olivia.post('/security-policy/preview', change),
        ]) {
          assert.equal(answer.status, 422, JSON.stringify(change));
          assert.deepEqual(fields(answer), [field], JSON.stringify(change));
        }
      }
    });
  });

  it('by two owners at once cannot remove both', async () => {
    const { id } = await addSomebody(portal, 'acme/otto', 'owner');
    const otto = await programOf(portal, 'acme/otto');
    const answers = await Promise.all([
      olivia.delete(`/users/${id}`),
      otto.delete(`/users/${portal.idOf('acme/olivia')}`),
    ]);
    const statuses = answers.map(({ status }) => status).sort();
    // The second has been let in before its owner was gone, or meets the rule, or a closed door.
    assert.equal(statuses.filter((status) => status === 204).length, 1, statuses.join());
  });
});

describe('A program of an operator', () => {
  let portal: Portal;
  let opal: Program;
  before(async () => {
    portal = await startPortal();
    opal = await programOf(portal, 'platform/opal');
  });
  after(() => portal.close());

  it('lists organisations, makes one with its first owner, renames, suspends and resumes it', async () => {
    assert.deepEqual(
      (await opal.all('/tenants?limit=1')).map(({ slug }) => slug),
      ['acme', 'globex', 'platform'],
    );
    const made = await opal.post('/tenants', {
      name: 'Initech',
      slug: 'initech',
      ownerName: 'Ines',
      ownerUsername: 'ines',
      ownerEmail: 'ines@initech.example',
    });
    assert.deepEqual([made.status, made.body['status'], made.body['slug']], [201, 'active', 'initech']);
    assert.ok(await portal.inbox.linkTo('ines@initech.example', '/invitations/'));
    const path = `/tenants/${String(made.body['id'])}`;
    assert.equal(made.headers['location'], `/api/v1${path}`);
    const { body } = await opal.get(path);
    assert.deepEqual(body['users'], { invited: 1, active: 0, disabled: 0 });
    assert.equal((await opal.patch(path, { name: 'Initech Ltd' })).body['name'], 'Initech Ltd');
    const suspended = await opal.patch(path, { name: 'Initech again', status: 'suspended' });
    assert.deepEqual([suspended.body['name'], suspended.body['status']], ['Initech again', 'suspended']);
    assert.notEqual(suspended.body['suspendedAt'], null);
    assert.deepEqual(
      (await opal.patch(path, { status: 'suspended' })).body,
      suspended.body,
      'What it is already changes nothing.',
    );
    assert.deepEqual(
      (await opal.all('/tenants?status=suspended')).map(({ slug }) => slug),
      ['initech'],
    );
    assert.deepEqual(
      (await opal.all('/tenants?q=INITECH')).map(({ slug }) => slug),
      ['initech'],
    );
    assert.equal((await opal.patch(path, { status: 'active' })).body['suspendedAt'], null);
  });

  it('is told what is wrong, and cannot shut the platform', async () => {
    const good = { name: 'X', slug: 'x', ownerName: 'X', ownerUsername: 'x', ownerEmail: 'x@x.example' };
    for (const [wrong, field] of [
      [{ slug: 'acme' }, 'slug'],
      [{ slug: 'A b' }, 'slug'],
      [{ slug: 'platform' }, 'slug'],
      [{ ownerEmail: 'x' }, 'ownerEmail'],
      [{ ownerUsername: 'a:b' }, 'ownerUsername'],
      [{ name: '' }, 'name'],
    ] as const) {
      assert.deepEqual(fields(await opal.post('/tenants', { ...good, ...wrong })), [field]);
    }
    const [platform] = await opal.all('/tenants?q=platform');
    const refused = await opal.patch(`/tenants/${String(platform!['id'])}`, { name: 'Renamed', status: 'suspended' });
    assert.equal(refused.status, 403);
    assert.equal(
      (await opal.get(`/tenants/${String(platform!['id'])}`)).body['name'],
      platform!['name'],
      'All of it or nothing.',
    );
  });

  it('sees nothing of the people in them', async () => {
    assert.equal((await opal.get(`/users/${portal.idOf('acme/uma')}`)).status, 404);
    assert.deepEqual(
      (await opal.all('/users')).map(({ username }) => username),
      ['opal'],
    );
    const owner = await programOf(portal, 'acme/olivia');
    for (const path of ['/tenants', `/tenants/${String((await opal.all('/tenants'))[0]!['id'])}`])
      assert.equal((await owner.get(path)).status, 403);
  });

  it('and the policy of its own organisation is its own', async () => {
    await setPolicy(portal, 'acme', { minLength: 33 });
    assert.notEqual((await opal.get('/security-policy')).body['minLength'], 33);
  });
});
