import assert from 'node:assert/strict';
import { COMMAND_LINE, type Actor } from '#policies/actor.js';
import { isWrite, TENANT_PERMISSIONS, type Permission } from '#policies/permissions.js';
import { mayAssign, mayGrant, standingOf, type HeldRole } from '#policies/role.js';
import { effectivePermissions, factoryRoles, grantsOf, isTopRole, type FactoryRoleKey } from '#policies/roles.js';

const factory = (key: FactoryRoleKey): HeldRole => {
  const role = factoryRoles(key === 'operator').find((one) => one.key === key);
  return { id: key, key, grants: role?.permissions ?? [], readOnly: false };
};
const own = (id: string, grants: readonly Permission[], readOnly = false): HeldRole => ({
  id,
  key: null,
  grants,
  readOnly,
});
const actor = (...roles: HeldRole[]): Actor => ({
  kind: 'user',
  id: 'me',
  tenantId: 'acme',
  platform: false,
  ...standingOf(roles),
});

const owner = actor(factory('owner'));
const admin = actor(factory('admin'));

describe('Giving roles', () => {
  it('never gives more than the giver has: an admin gives all but Owner', () => {
    const given = (by: Actor) =>
      (['owner', 'admin', 'auditor', 'user'] as const).filter((key) => mayGrant(by, factory(key)));
    assert.deepEqual(given(owner), ['owner', 'admin', 'auditor', 'user']);
    assert.deepEqual(given(admin), ['admin', 'auditor', 'user']);
    assert.deepEqual(given(actor(factory('auditor'))), [], 'it takes the right to change users, too');
    assert.deepEqual(given(actor(factory('user'))), []);
    assert.equal(mayGrant(COMMAND_LINE, factory('operator')), true);
  });

  it('refuses a role with one permission more, and takes one with as many', () => {
    const clerk = actor(own('clerk', ['users:read', 'users:write']));
    assert.equal(mayGrant(clerk, own('same', ['users:read', 'users:write'])), true);
    assert.equal(mayGrant(clerk, own('less', [])), true);
    assert.equal(mayGrant(clerk, own('more', ['users:read', 'log:read'])), false);
  });

  it('lets stay what the user holds already, although the giver could not give it', () => {
    const clerk = actor(own('clerk', ['users:read', 'users:write', 'tokens:create']));
    const log = own('log', ['users:read']);
    assert.equal(mayAssign(clerk, [log], [log, factory('user')]), true);
    const more = own('more', ['log:read']);
    assert.equal(mayAssign(clerk, [more], [more]), false, 'what comes out is still beyond the giver');
    assert.equal(mayAssign(clerk, [more], [factory('user')]), true, 'to take it away is not');
    assert.equal(mayAssign(clerk, [], [more]), false);
  });

  it('sees that a read-only role which is taken away gives back what it stripped', () => {
    const clerk = actor(own('clerk', ['users:read', 'users:write']));
    const held = [own('powers', ['users:read', 'users:delete']), own('brake', [], true)];
    assert.equal(standingOf(held).permissions.has('users:delete'), false);
    assert.equal(mayAssign(clerk, held, held), true);
    assert.equal(mayAssign(clerk, held, held.slice(0, 1)), false);
  });
});

describe('What a role amounts to', () => {
  it('is the union of all, without any write once a single one is read-only', () => {
    const all = effectivePermissions([factory('admin'), own('brake', [], true)]);
    assert.ok(all.has('users:read') && all.has('log:read'));
    assert.deepEqual([...all].filter(isWrite), []);
  });

  it('is for an auditor to see everything and change nothing, for a user to look after themselves', () => {
    assert.deepEqual(factory('auditor').grants.filter(isWrite), []);
    assert.deepEqual(
      TENANT_PERMISSIONS.filter((name) => name.endsWith(':read')).filter(
        (name) => !factory('auditor').grants.includes(name),
      ),
      [],
    );
    assert.deepEqual(factory('user').grants, ['tokens:create']);
  });

  it('is for an admin all that is to be granted but the settings of the organisation; only the top acts on the top', () => {
    const missing = TENANT_PERMISSIONS.filter((name) => !factory('admin').grants.includes(name));
    assert.deepEqual(missing, ['organisation:write']);
  });

  it('has its top in Owner, and in the platform in Operator', () => {
    assert.deepEqual((['owner', 'admin', 'auditor', 'user', 'operator'] as const).filter(isTopRole), [
      'owner',
      'operator',
    ]);
    assert.equal(isTopRole(null), false);
    assert.ok(factoryRoles(true).every(({ key }) => key !== 'owner'));
    assert.ok(factoryRoles(false).every(({ key }) => key !== 'operator'));
  });

  it('is read from what is kept with suspicion: unknown names and those of the platform grant nothing', () => {
    const kept = JSON.stringify(['users:read', 'tenants:write', 'root', 7, null, 'toString']);
    assert.deepEqual(grantsOf({ key: null, permissions: kept }), ['users:read']);
    for (const permissions of ['{}', '"users:read"', 'null'])
      assert.deepEqual(grantsOf({ key: null, permissions }), []);
    assert.deepEqual(
      grantsOf({ key: 'user', permissions: '["users:write"]' }),
      ['tokens:create'],
      'a factory role is what the code says',
    );
  });
});
